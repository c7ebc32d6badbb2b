import type { ForeignStreams, StreamHeader, StreamSlice } from "../interfaces/xnet.ts";
import type { Stream } from "../state/replicatedState.ts";
import { EMPTY_STREAM } from "../state/stateTip.ts";
import { isNews } from "../state/streamNews.ts";
import { type CertifiedStreamSlice, NANOSECONDS_PER_SECOND, type SubnetId, type Time, time } from "../types/index.ts";

/** What a subnet shows of its newest certified state that is on disk. */
export interface ShownStreams { readonly streams: Iterable<readonly [SubnetId, Stream]> & { get(id: SubnetId): Stream | undefined }; slice(to: SubnetId, from: bigint, bytesMax: number): CertifiedStreamSlice | undefined }

export interface StreamExchangeOptions {
  readonly subnetId: SubnetId;
  /** Undefined until the first certification. */
  shown(): ShownStreams | undefined;
  /** The first message of the other's stream that the newest state has not taken. */
  taken(source: SubnetId): bigint;
  /** A slice to this subnet without a look at its signature; undefined for anything else. */
  read(slice: CertifiedStreamSlice): StreamSlice | undefined;
  /** Whether its source signed it, by the newest registry version. */
  isCertified(slice: CertifiedStreamSlice): boolean;
  /** Bytes that may be lost, late, repeated or in another order: what matters is said again. */
  send(to: SubnetId, bytes: Uint8Array): void;
  /** Another subnet may have something new for this one. */
  onNews(): void;
  now(): Time;
}

/**
 * How the streams of subnets get from one to the other: only bytes cross, so that subnets may live in threads of their own. Each pushes what
 * is new in a stream as soon as it is certified and on disk, from the message on that the other has named. Safety lies elsewhere: whatever
 * arrives is a candidate, read by nobody before the signature of its source is checked, and consensus judges it as any other slice
 * (protocol digest §2.2). Liveness: what is not acknowledged is sent again.
 */
export interface StreamExchange {
  readonly streams: ForeignStreams;
  receive(from: SubnetId, bytes: Uint8Array): void;
  /** A newer state is certified and on disk. */
  publish(): void;
  /** Says to these subnets where this one stands: after a start, or when the way to them is free again. */
  greet(others: readonly SubnetId[]): void;
}

/** First byte of what subnets send each other. */
const WIRE = { wants: 0, slice: 1 } as const;
/** What a block holds: a slice never needs to be longer. */
const SLICE_BYTES_MAX = 4 * 1024 * 1024;
/** A slice this long is not followed by another one before the receiver says something, or some time has passed. */
const LONG_SLICE_BYTES = 256 * 1024;
/** What was not acknowledged for so long is sent again. */
const PATIENCE = NANOSECONDS_PER_SECOND;
/** Slices of one source that wait for a look at their signature: whoever sends forged ones displaces few. */
const CANDIDATES_MAX = 3;

interface Outgoing { wanted: bigint; said: string; at: Time; from: bigint; long: boolean }
interface Incoming { best: Held | undefined; candidates: Held[]; asked: string; askedAt: Time }
interface Held { readonly slice: CertifiedStreamSlice; readonly content: StreamSlice }

function wants(from: bigint, bytesMax: number): Uint8Array {
  const bytes = Buffer.alloc(13);
  bytes[0] = WIRE.wants;
  bytes.writeBigUInt64BE(from, 1);
  bytes.writeUInt32BE(bytesMax, 9);
  return new Uint8Array(bytes);
}
const endOf = ({ begin, messages }: Stream): bigint => begin + BigInt(messages.length);
/** What of a header the other subnet has to know; `begin` alone only when it keeps rejections for us. */
const saidOf = (stream: Stream, withBegin: boolean): string => `${endOf(stream)}/${stream.signalsEnd}/${withBegin ? stream.begin : ""}`;
const isOlder = (a: StreamHeader, b: StreamHeader): boolean => a.begin < b.begin || a.end < b.end || a.signalsEnd < b.signalsEnd;

export function createStreamExchange({ subnetId, shown, taken, read, isCertified, send, onNews, now }: StreamExchangeOptions): StreamExchange {
  const outgoing = new Map<SubnetId, Outgoing>(), incoming = new Map<SubnetId, Incoming>();
  const to = (other: SubnetId): Outgoing => {
    const known = outgoing.get(other) ?? { wanted: 0n, said: "", at: time(0n), from: 0n, long: false };
    outgoing.set(other, known);
    return known;
  };
  const from = (source: SubnetId): Incoming => {
    const known = incoming.get(source) ?? { best: undefined, candidates: [], asked: "", askedAt: time(0n) };
    incoming.set(source, known);
    return known;
  };

  function sendSlice(other: SubnetId, state: ShownStreams, again: boolean, bytesMax = SLICE_BYTES_MAX): void {
    const stream = state.streams.get(other) ?? EMPTY_STREAM, place = to(other), theirs = incoming.get(other)?.best?.content.header, at = now();
    const said = saidOf(stream, (theirs?.rejectSignals.length ?? 0) > 0), patient = at - place.at < PATIENCE, progress = stream.begin > place.from;
    const isNew = said !== place.said, isLate = !patient && stream.messages.length > 0;
    if (!again && !isNew && !isLate) return;
    if (!again && isNew && place.long && patient && !progress) return;
    const start = [place.wanted, stream.begin, theirs?.signalsEnd ?? 0n].reduce((a, b) => (a > b ? a : b)), end = endOf(stream);
    const slice = state.slice(other, start < end ? start : end, bytesMax);
    if (slice === undefined) return;
    Object.assign(place, { said, at, from: start, long: slice.certificate.length > LONG_SLICE_BYTES });
    send(other, new Uint8Array(Buffer.concat([Uint8Array.of(WIRE.slice), slice.certificate])));
  }

  /** Looks at what has come, newest first, until one bears its source's signature; the others are forgotten. */
  function settle(source: SubnetId): Incoming | undefined {
    const place = incoming.get(source);
    if (place === undefined) return undefined;
    for (const candidate of place.candidates.splice(0)) {
      if (place.best !== undefined && isOlder(candidate.content.header, place.best.content.header)) continue;
      if (!isCertified(candidate.slice)) continue;
      place.best = candidate;
      break;
    }
    return place;
  }
  function ask(source: SubnetId, start: bigint, bytesMax: number): void {
    const place = from(source), asked = `${start}/${bytesMax}`, at = now();
    if (asked === place.asked && at - place.askedAt < PATIENCE) return;
    Object.assign(place, { asked, askedAt: at });
    send(source, wants(start, bytesMax));
  }
  const matching = (place: Incoming | undefined, start: bigint, bytesMax: number): CertifiedStreamSlice | undefined => {
    const best = place?.best;
    if (best === undefined || best.slice.certificate.length > bytesMax) return undefined;
    return best.content.messages.length > 0 ? (best.content.begin === start ? best.slice : undefined) : best.content.header.end <= start ? best.slice : undefined;
  };

  return {
    streams: {
      peek(source, position) {
        const header = settle(source)?.best?.content.header;
        if (header === undefined || !isNews(header, position)) return header;
        if (matching(incoming.get(source), position.message, SLICE_BYTES_MAX) === undefined) ask(source, position.message, SLICE_BYTES_MAX);
        const found = settle(source);
        return matching(found, position.message, SLICE_BYTES_MAX) && found!.best!.content.header;
      },
      slice(source, start, bytesMax) {
        const held = matching(settle(source), start, bytesMax);
        if (held !== undefined) return held;
        ask(source, start, Math.min(bytesMax, SLICE_BYTES_MAX));
        return matching(settle(source), start, bytesMax); // whoever lives in this thread has answered
      },
    },
    receive(source, bytes) {
      const state = shown();
      if (bytes[0] === WIRE.wants && bytes.length === 13) {
        const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        to(source).wanted = view.readBigUInt64BE(1);
        if (state?.streams.get(source) !== undefined) sendSlice(source, state, true, Math.min(view.readUInt32BE(9), SLICE_BYTES_MAX));
        return;
      }
      if (bytes[0] !== WIRE.slice) return;
      const slice = { source, certificate: bytes.subarray(1) }, content = read(slice), place = from(source), known = place.best?.content.header;
      if (content === undefined || (known !== undefined && isOlder(content.header, known))) return;
      // They repeat themselves: our acknowledgement was lost.
      if (known !== undefined && !isOlder(known, content.header) && content.header.end > 0n && content.header.end <= taken(source) && state !== undefined && now() - to(source).at >= PATIENCE) sendSlice(source, state, true);
      place.candidates = [{ slice, content }, ...place.candidates].slice(0, CANDIDATES_MAX);
      onNews();
    },
    publish() {
      const state = shown();
      if (state !== undefined) for (const [other] of state.streams) if (other !== subnetId) sendSlice(other, state, false);
    },
    greet(others) {
      const state = shown();
      for (const other of others) {
        if (other === subnetId) continue;
        Object.assign(from(other), { asked: "", askedAt: time(0n) });
        ask(other, taken(other), SLICE_BYTES_MAX);
        if (state?.streams.get(other) !== undefined) sendSlice(other, state, true);
      }
    },
  };
}
