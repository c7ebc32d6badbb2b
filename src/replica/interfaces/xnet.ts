import type { CertifiedStreamSlice, RegistryVersion, Height, RejectSignal, StreamMessage, SubnetId } from "../types/index.ts";

/** What a stream says of itself beside its messages (protocol digest §2.2). `end` is the index after the last message. */
export interface StreamHeader {
  readonly begin: bigint;
  readonly end: bigint;
  /** Messages of the opposite stream below this index were taken, but for those in `rejectSignals`. */
  readonly signalsEnd: bigint;
  /** By ascending index. */
  readonly rejectSignals: readonly RejectSignal[];
}

/** A part of another subnet's stream to this one, as its certificate shows it: the header, and consecutive messages from `begin`. */
export interface StreamSlice { readonly header: StreamHeader; readonly begin: bigint; readonly messages: readonly StreamMessage[] }

/** How far this subnet has got with a stream: the next message to take, and its own stream back, [begin, end), with the first rejection in it that was not taken yet. */
export interface StreamPosition { readonly message: bigint; readonly begin: bigint; readonly end: bigint; readonly firstReject: bigint | undefined }

/** Streams of other subnets to this one as a node can get them: certified and durable there. */
export interface ForeignStreams {
  /** What the subnet says of its stream in the newest slice that is at hand and goes on at the position; undefined when there is none: it is asked for. */
  peek(source: SubnetId, position: StreamPosition): StreamHeader | undefined;
  /** A slice with messages from this index, as many as fit; the header always. */
  slice(source: SubnetId, from: bigint, bytesMax: number): CertifiedStreamSlice | undefined;
}

/** What the xnet section of a block asks of its node. */
export interface XNetSource {
  readonly streams: ForeignStreams;
  /** The other subnets of the registry at a version, sorted. */
  subnets(version: RegistryVersion): readonly SubnetId[];
  /** Reads a slice to this subnet without a look at its signature; undefined for anything else. A pure function. */
  read(slice: CertifiedStreamSlice): StreamSlice | undefined;
  /** Whether the source's key of the registry version signed it. */
  isCertified(slice: CertifiedStreamSlice, version: RegistryVersion): boolean;
  /** By the state at a certified height; undefined when it is not at hand. */
  position(source: SubnetId, certifiedHeight: Height): StreamPosition | undefined;
}
