import { describe, expect, test } from "vitest";
import { type SignedIngress, type CanisterId, type NodeId, type Principal, canisterIdFromIndex, messageId, time } from "../../../../src/replica/types/index.ts";
import { createIngressPool } from "../../../../src/replica/ingress/pool.ts";

const NOW = time(1_700_000_000_000_000_000n), SECOND = 1_000_000_000n;
const peer = (n: number): NodeId => `0${n}` as NodeId;
let serial = 0;
function message(receiver: CanisterId, options: { readonly bytes?: number; readonly expiresIn?: bigint } = {}): SignedIngress {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(28, ++serial);
  return { messageId: messageId(id), sender: "04" as Principal, receiver, effectiveCanisterId: receiver, method: "m", arg: new Uint8Array(), expiry: time(NOW + (options.expiresIn ?? 60n * SECOND)), envelope: new Uint8Array(options.bytes ?? 100) };
}
const [A, B, C] = [1n, 2n, 3n].map(canisterIdFromIndex) as [CanisterId, CanisterId, CanisterId];
const everything = { time: NOW, bytesMax: 1 << 30, messagesMax: 1 << 20, isKnown: () => false };

describe("the ingress pool", () => {
  test("keeps a message once, counts it, and forgets it", () => {
    const pool = createIngressPool(), one = message(A);
    expect(pool.add(one, "user")).toEqual({ ok: true, value: "added" });
    expect(pool.add(one, peer(1))).toEqual({ ok: true, value: "known" });
    expect([pool.size, pool.bytes, pool.get(one.messageId)]).toEqual([1, 100, one]);
    pool.remove([one.messageId, one.messageId]);
    expect([pool.size, pool.bytes, pool.get(one.messageId)]).toEqual([0, 0, undefined]);
  });

  test("is bounded in messages, in bytes, and for each peer; room comes back", () => {
    const pool = createIngressPool({ messagesMax: 5, bytesMax: 1000, messagesPerPeerMax: 2, bytesPerPeerMax: 600 });
    const first = message(A, { bytes: 300 });
    expect(pool.add(first, peer(1)).ok).toBe(true);
    expect(pool.add(message(A, { bytes: 301 }), peer(1))).toEqual({ ok: false, error: { kind: "poolFull", limit: "perPeer" } });
    expect(pool.add(message(A, { bytes: 300 }), peer(1)).ok).toBe(true);
    expect(pool.add(message(A, { bytes: 1 }), peer(1))).toEqual({ ok: false, error: { kind: "poolFull", limit: "perPeer" } });
    expect(pool.add(message(A, { bytes: 500 }), peer(2))).toEqual({ ok: false, error: { kind: "poolFull", limit: "bytes" } });
    for (const n of [2, 3, 4]) expect(pool.add(message(B, { bytes: 10 }), peer(n)).ok).toBe(true);
    expect(pool.add(message(B, { bytes: 10 }), peer(5))).toEqual({ ok: false, error: { kind: "poolFull", limit: "messages" } });
    pool.remove([first.messageId]);
    expect(pool.add(message(B, { bytes: 10 }), peer(1)).ok).toBe(true);
  });

  test("receivers take turns and keep their order; the next block begins behind the last one served", () => {
    const pool = createIngressPool();
    const [a1, a2, a3, b1, c1] = [message(A), message(A), message(A), message(B), message(C)];
    for (const each of [a1, a2, a3, c1, b1]) pool.add(each, "user");
    expect(pool.select(everything)).toEqual([a1, b1, c1, a2, a3]);
    expect(pool.select({ ...everything, messagesMax: 2 })).toEqual([b1, c1]);
    expect(pool.select({ ...everything, messagesMax: 2 })).toEqual([a1, b1]);
    expect(pool.select({ ...everything, isKnown: (id) => id === a1.messageId || id === c1.messageId })).toEqual([a2, b1, a3]);
  });

  test("a message that does not fit waits with those behind it", () => {
    const pool = createIngressPool(), big = message(A, { bytes: 900 }), behind = message(A, { bytes: 10 }), other = message(B, { bytes: 10 });
    for (const each of [big, behind, other]) pool.add(each, "user");
    expect(pool.select({ ...everything, bytesMax: 500 })).toEqual([other]);
    expect(pool.select({ ...everything, bytesMax: 1000 })).toEqual([big, other, behind]);
  });

  test("expired messages and those too far ahead enter no block; the expired are purged", () => {
    const pool = createIngressPool(), late = message(A, { expiresIn: -1n }), exact = message(A, { expiresIn: 0n }), last = message(A, { expiresIn: 330n * SECOND }), far = message(A, { expiresIn: 330n * SECOND + 1n });
    for (const each of [late, exact, last, far]) pool.add(each, "user");
    expect(pool.select(everything)).toEqual([exact, last]);
    expect(pool.purgeExpired(NOW)).toEqual([late.messageId]);
    expect(pool.size).toBe(3);
  });
});
