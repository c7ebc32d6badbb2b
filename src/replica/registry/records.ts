import { type CanisterId, type NodeId, type Principal, type SubnetId, canisterId, indexFromCanisterId, nodeId, principalBytes, principalFromBytes, subnetId } from "../types/index.ts";
import type { CanisterIdRange, CanisterMigration, Replacement, SubnetType } from "../state/replicatedState.ts";
import { type CborMap, type CborValue, cborArray, cborBytes, cborMap, cborNat, cborText, decodeCbor, encodeCbor } from "../codec/cbor.ts";

/** A subnet as the registry describes it; times in milliseconds. */
export interface SubnetRecord {
  readonly type: SubnetType;
  /** Sorted by id. */
  readonly membership: readonly NodeId[];
  /** The size that fees are scaled by (design D7). */
  readonly pricedAs: number;
  readonly replicaVersion: string;
  readonly unitDelayMs: number;
  readonly initialNotaryDelayMs: number;
  /** Blocks between two summaries, and the time that must also have passed (design D7). */
  readonly dkgIntervalLength: number;
  readonly dkgIntervalMs: number;
  readonly isHalted: boolean;
  /** It stops at its next catch-up package (dfinity/ic, registry/subnet/v1/subnet.proto: `halt_at_cup_height`). Absent: it does not. */
  readonly haltAtCupHeight?: boolean;
  /** Interface spec 0.58, "subnet admins"; a subnet that names them has the cost schedule `free`. */
  readonly admins?: readonly Principal[];
}
/** A node's public keys: DER Ed25519, BLS in G2 with the proof that the node holds its secret. */
export interface NodeRecord { readonly publicKey: Uint8Array; readonly multiSigPublicKey: Uint8Array; readonly proofOfPossession: Uint8Array; /** X25519, 32 bytes: shares of keys are sealed with it. */ readonly encryptionKey?: Uint8Array }
/** A version of the replica that subnets may run. */
export interface ReplicaVersionRecord { readonly releasedAtMs: number; readonly description: string }

const SUBNET_TYPES: readonly string[] = ["application", "system", "verified_application", "cloud_engine"] satisfies SubnetType[];

export const encodeSubnetRecord = (record: SubnetRecord): Uint8Array => encodeCbor({
  type: record.type, membership: record.membership.map(principalBytes), priced_as: record.pricedAs, replica_version: record.replicaVersion, unit_delay_ms: record.unitDelayMs,
  initial_notary_delay_ms: record.initialNotaryDelayMs, dkg_interval_length: record.dkgIntervalLength, dkg_interval_ms: record.dkgIntervalMs, is_halted: record.isHalted,
  ...(record.haltAtCupHeight === true && { halt_at_cup_height: true }), ...(record.admins !== undefined && { admins: record.admins.map(principalBytes) }),
});
export const encodeNodeRecord = (record: NodeRecord): Uint8Array =>
  encodeCbor({
    public_key: record.publicKey, multi_sig_public_key: record.multiSigPublicKey, proof_of_possession: record.proofOfPossession,
    ...(record.encryptionKey !== undefined && { encryption_key: record.encryptionKey }),
  });
export const encodeReplicaVersionRecord = (record: ReplicaVersionRecord): Uint8Array => encodeCbor({ released_at_ms: record.releasedAtMs, description: record.description });
/** Whether requests need no signature (`icx canister call --as`): a rule of local networks alone. */
export interface LocalRules { readonly unsigned: boolean }
export const encodeLocalRules = ({ unsigned }: LocalRules): Uint8Array => encodeCbor({ unsigned });
export const encodeThresholdKey = (der: Uint8Array): Uint8Array => encodeCbor({ public_key: der });
export const encodeSubnetList = (subnets: readonly SubnetId[]): Uint8Array => encodeCbor(subnets.map(principalBytes));
export const encodeRootSubnet = (id: SubnetId): Uint8Array => encodeCbor(principalBytes(id));
export const encodeRoutingTable = (ranges: readonly CanisterIdRange[]): Uint8Array =>
  encodeCbor(ranges.map(({ start, end, subnet }) => [principalBytes(start), principalBytes(end), principalBytes(subnet)]));

export const encodeCanisterMigrations = (migrations: readonly CanisterMigration[]): Uint8Array =>
  encodeCbor(migrations.map(({ start, end, trace, replaces }) => [principalBytes(start), principalBytes(end), trace.map(principalBytes), ...(replaces === undefined ? [] : [[principalBytes(replaces.canister), replaces.version, replaces.changes]])]));

const valueOf = (bytes: Uint8Array): CborValue => { const read = decodeCbor(bytes); return read.ok ? read.value : undefined; };
const mapOf = (bytes: Uint8Array): CborMap => cborMap(valueOf(bytes)) ?? {};
const principalOf = (value: CborValue): Uint8Array | undefined => { const bytes = cborBytes(value); return bytes && bytes.length <= 29 ? bytes : undefined; };
const numberOf = (value: CborValue): number | undefined => { const nat = cborNat(value); return nat === undefined || nat > Number.MAX_SAFE_INTEGER ? undefined : Number(nat); };
function all<In, Out>(items: readonly In[] | undefined, read: (item: In) => Out | undefined): Out[] | undefined {
  const out = items?.map(read);
  return out === undefined || out.includes(undefined) ? undefined : (out as Out[]);
}
function complete<T extends object>(parts: { readonly [K in keyof T]: T[K] | undefined }): T | undefined {
  return Object.values(parts).includes(undefined) ? undefined : (parts as T);
}
const sorted = <Id extends Principal>(ids: Id[] | undefined): readonly Id[] | undefined => ids && [...new Set(ids)].sort();

/** All decoders give undefined for bytes that say something else. */
export function decodeSubnetRecord(bytes: Uint8Array): SubnetRecord | undefined {
  const map = mapOf(bytes), type = cborText(map["type"]), halted = map["is_halted"];
  const admins = map["admins"] === undefined ? undefined : sorted(all(cborArray(map["admins"]), (value) => { const id = principalOf(value); return id && principalFromBytes(id); }));
  if (map["admins"] !== undefined && admins === undefined) return undefined;
  return complete<SubnetRecord>({
    ...(admins !== undefined && { admins }), ...(map["halt_at_cup_height"] === true && { haltAtCupHeight: true }),
    type: type !== undefined && SUBNET_TYPES.includes(type) ? (type as SubnetType) : undefined,
    membership: sorted(all(cborArray(map["membership"]), (value) => { const id = principalOf(value); return id && nodeId(id); })),
    pricedAs: numberOf(map["priced_as"]), replicaVersion: cborText(map["replica_version"]), unitDelayMs: numberOf(map["unit_delay_ms"]),
    initialNotaryDelayMs: numberOf(map["initial_notary_delay_ms"]), dkgIntervalLength: numberOf(map["dkg_interval_length"]), dkgIntervalMs: numberOf(map["dkg_interval_ms"]),
    isHalted: typeof halted === "boolean" ? halted : undefined,
  });
}
export function decodeNodeRecord(bytes: Uint8Array): NodeRecord | undefined {
  const map = mapOf(bytes);
  const encryptionKey = map["encryption_key"] === undefined ? undefined : cborBytes(map["encryption_key"]);
  if (map["encryption_key"] !== undefined && encryptionKey?.length !== 32) return undefined;
  return complete<NodeRecord>({
    publicKey: cborBytes(map["public_key"]), multiSigPublicKey: cborBytes(map["multi_sig_public_key"]), proofOfPossession: cborBytes(map["proof_of_possession"]),
    ...(encryptionKey !== undefined && { encryptionKey }),
  });
}
export function decodeReplicaVersionRecord(bytes: Uint8Array): ReplicaVersionRecord | undefined {
  const map = mapOf(bytes);
  return complete<ReplicaVersionRecord>({ releasedAtMs: numberOf(map["released_at_ms"]), description: cborText(map["description"]) });
}
export const decodeLocalRules = (bytes: Uint8Array): LocalRules => ({ unsigned: mapOf(bytes)["unsigned"] === true });
export const decodeThresholdKey = (bytes: Uint8Array): Uint8Array | undefined => cborBytes(mapOf(bytes)["public_key"]);
export const decodeSubnetList = (bytes: Uint8Array): readonly SubnetId[] | undefined =>
  sorted(all(cborArray(valueOf(bytes)), (value) => { const id = principalOf(value); return id && subnetId(id); }));
export const decodeRootSubnet = (bytes: Uint8Array): SubnetId | undefined => { const id = principalOf(valueOf(bytes)); return id && subnetId(id); };

const idOf = (value: CborValue): CanisterId | undefined => { const bytes = principalOf(value); return bytes && canisterId(bytes); };
/** Sorted, disjoint, the right way round, between canister ids. */
const areRanges = (ranges: readonly Pick<CanisterIdRange, "start" | "end">[]): boolean =>
  ranges.every(({ start, end }, i) => indexFromCanisterId(start) !== undefined && indexFromCanisterId(end) !== undefined && start <= end && (i === 0 || ranges[i - 1]!.end < start));
/** Sorted by start; undefined also when ranges overlap, are turned round, or do not end at canister ids. */
export function decodeRoutingTable(bytes: Uint8Array): readonly CanisterIdRange[] | undefined {
  const ranges = all(cborArray(valueOf(bytes)), (value) => {
    const [start, end, subnet] = cborArray(value) ?? [], id = principalOf(subnet);
    return complete<CanisterIdRange>({ start: idOf(start), end: idOf(end), subnet: id && subnetId(id) });
  })?.sort((a, b) => (a.start < b.start ? -1 : 1));
  return ranges !== undefined && areRanges(ranges) ? ranges : undefined;
}
function replacementOf(value: CborValue): Replacement | undefined {
  const [id, version, changes] = cborArray(value) ?? [];
  return complete<Replacement>({ canister: idOf(id), version: cborNat(version), changes: cborNat(changes) });
}
/** As the routing table; a move has at least two subnets, and only a single id can take the place of another. */
export function decodeCanisterMigrations(bytes: Uint8Array): readonly CanisterMigration[] | undefined {
  const migrations = all(cborArray(valueOf(bytes)), (value) => {
    const [first, last, subnets, other] = cborArray(value) ?? [], replaces = other === undefined ? undefined : replacementOf(other), start = idOf(first), end = idOf(last);
    const trace = all(cborArray(subnets), (id) => { const known = principalOf(id); return known && subnetId(known); });
    if (trace === undefined || trace.length < 2 || (other !== undefined && (replaces === undefined || start !== end))) return undefined;
    return complete<CanisterMigration>({ start, end, trace, ...(replaces !== undefined && { replaces }) });
  })?.sort((a, b) => (a.start < b.start ? -1 : 1));
  return migrations !== undefined && areRanges(migrations) ? migrations : undefined;
}
