import { describe, expect, test } from "vitest";
import type { StreamSlice } from "../../../../src/replica/interfaces/xnet.ts";
import { createStreamExchange, type StreamExchange } from "../../../../src/replica/messaging/streamExchange.ts";
import type { Stream } from "../../../../src/replica/state/replicatedState.ts";
import { PersistentMap } from "../../../../src/replica/state/persistentMap.ts";
import { type CertifiedStreamSlice, type Request, type SubnetId, canisterId, cycles, time } from "../../../../src/replica/types/index.ts";

/** Two subnets whose slices are texts; who signed one stands in it. */
const [A, B, C] = ["aa", "bb", "cc"] as [SubnetId, SubnetId, SubnetId];
const message: Request = { kind: "request", sender: canisterId(Uint8Array.of(1)), receiver: canisterId(Uint8Array.of(2)), callback: 1, method: "m", arg: new Uint8Array(0), cycles: cycles(0n), senderVersion: 0n } as unknown as Request;
interface Written { readonly by: string; readonly to: string; readonly begin: number; readonly from: number; readonly count: number; readonly end: number; readonly signalsEnd: number; readonly padding?: string }
const write = (written: Written): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(written)));
const frame = (written: Written): Uint8Array => new Uint8Array(Buffer.concat([Uint8Array.of(1), write(written)]));
function read({ certificate }: CertifiedStreamSlice): StreamSlice | undefined {
  try {
    const { begin, from, count, end, signalsEnd } = JSON.parse(Buffer.from(certificate).toString()) as Written;
    return { header: { begin: BigInt(begin), end: BigInt(end), signalsEnd: BigInt(signalsEnd), rejectSignals: [] }, begin: BigInt(from), messages: Array.from({ length: count }, () => message) };
  } catch { return undefined; }
}

interface Side { readonly exchange: StreamExchange; stream: Stream; taken: bigint; readonly sent: Uint8Array[]; news: number }
function side(id: SubnetId, other: SubnetId, clock: { now: bigint }, padding = ""): Side {
  const made: Side = {
    stream: { begin: 0n, messages: [], signalsEnd: 0n, rejectSignals: [] }, taken: 0n, sent: [], news: 0,
    exchange: createStreamExchange({
      subnetId: id, read, taken: () => made.taken, send: (_, bytes) => made.sent.push(bytes), onNews: () => { made.news++; }, now: () => time(clock.now),
      isCertified: ({ source, certificate }) => (JSON.parse(Buffer.from(certificate).toString()) as Written).by === source,
      shown: () => ({
        streams: PersistentMap.from([[other, made.stream]]),
        slice(to, from) {
          const { begin, messages, signalsEnd } = made.stream, end = Number(begin) + messages.length;
          return { source: id, certificate: write({ by: id, to, begin: Number(begin), from: Number(from), count: end - Number(from), end, signalsEnd: Number(signalsEnd), padding }) };
        },
      }),
    }),
  };
  return made;
}
const messages = (count: number): readonly Request[] => Array.from({ length: count }, () => message);
const nothing = { message: 0n, begin: 0n, end: 0n, firstReject: undefined };
const SECOND = 1_000_000_000n;

describe("what subnets tell each other of their streams", () => {
  test("goes on where the other stands, is said once, and again while nobody acknowledges it", () => {
    const clock = { now: SECOND }, a = side(A, B, clock), b = side(B, A, clock);
    a.stream = { ...a.stream, messages: messages(5) };
    a.exchange.publish();
    a.exchange.publish();
    expect(a.sent).toHaveLength(1);
    b.exchange.receive(A, a.sent[0]!);
    expect([b.news, b.exchange.streams.peek(A, nothing)]).toMatchObject([1, { end: 5n }]);
    expect(read(b.exchange.streams.slice(A, 0n, 10_000)!)).toMatchObject({ begin: 0n, messages: { length: 5 } });

    // The first three are in a block already: the rest is asked for, and until it comes there is nothing to make a block of.
    expect(b.exchange.streams.peek(A, { ...nothing, message: 3n })).toBeUndefined();
    a.exchange.receive(B, b.sent.at(-1)!);
    b.exchange.receive(A, a.sent.at(-1)!);
    expect(read(b.exchange.streams.slice(A, 3n, 10_000)!)).toMatchObject({ begin: 3n, messages: { length: 2 } });
    expect(b.exchange.streams.slice(A, 3n, 10)).toBeUndefined(); // no room for it in this block

    const before = a.sent.length;
    clock.now += 2n * SECOND;
    a.exchange.publish();
    expect(a.sent).toHaveLength(before + 1);
    a.stream = { begin: 5n, messages: [], signalsEnd: 0n, rejectSignals: [] };
    clock.now += 2n * SECOND;
    a.exchange.publish();
    expect(a.sent).toHaveLength(before + 1); // all is acknowledged: that is no news to the other
  });

  test("a long slice is followed by another one only when the other has moved, or some time has passed", () => {
    const clock = { now: SECOND }, a = side(A, B, clock, "x".repeat(300_000));
    a.stream = { ...a.stream, messages: messages(1) };
    a.exchange.publish();
    a.stream = { ...a.stream, messages: messages(2) };
    a.exchange.publish();
    expect(a.sent).toHaveLength(1);
    a.stream = { ...a.stream, begin: 1n, messages: messages(2) };
    a.exchange.publish();
    expect(a.sent).toHaveLength(2);
    a.stream = { ...a.stream, messages: messages(3) };
    clock.now += 2n * SECOND;
    a.exchange.publish();
    expect(a.sent).toHaveLength(3);
  });

  test("nothing that its source did not sign is shown, and neither is what is older than what was", () => {
    const clock = { now: SECOND }, b = side(B, A, clock), good: Written = { by: A, to: B, begin: 0, from: 0, count: 4, end: 4, signalsEnd: 2 };
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1), Uint8Array.of(7, 7), Uint8Array.of(0, 1, 2), new Uint8Array(13).fill(255, 1), frame({ ...good, by: C, end: 9, count: 9 })]) b.exchange.receive(A, bytes);
    expect(b.exchange.streams.peek(A, nothing)).toBeUndefined();
    b.exchange.receive(A, frame(good));
    for (let i = 0; i < 2; i++) b.exchange.receive(A, frame({ ...good, by: C, end: 9 + i, count: 9 + i }));
    expect(b.exchange.streams.peek(A, nothing)).toMatchObject({ end: 4n, signalsEnd: 2n }); // forged ones came after it
    const { news } = b;
    b.exchange.receive(A, frame({ ...good, count: 3, end: 3 }));
    b.exchange.receive(A, frame({ ...good, signalsEnd: 1 }));
    expect([b.news, b.exchange.streams.peek(A, nothing)]).toMatchObject([news, { end: 4n, signalsEnd: 2n }]);
    expect(b.exchange.streams.peek(C, nothing)).toBeUndefined();
  });

  test("who repeats itself is told again what was taken", () => {
    const clock = { now: SECOND }, b = side(B, A, clock), good = frame({ by: A, to: B, begin: 0, from: 0, count: 4, end: 4, signalsEnd: 0 });
    b.exchange.receive(A, good);
    expect(b.exchange.streams.peek(A, nothing)).toMatchObject({ end: 4n });
    b.taken = 4n;
    b.stream = { ...b.stream, signalsEnd: 4n };
    b.exchange.publish();
    const told = b.sent.length;
    b.exchange.receive(A, good);
    expect(b.sent).toHaveLength(told); // it may be under way
    clock.now += 2n * SECOND;
    b.exchange.receive(A, good);
    expect(b.sent).toHaveLength(told + 1);
    expect(read({ source: B, certificate: b.sent.at(-1)!.subarray(1) })).toMatchObject({ header: { signalsEnd: 4n } });
  });
});
