import { describe, expect, test } from "vitest";
import { createPayloadBuilder } from "../../../../src/replica/consensus/payload/createPayloadBuilder.ts";
import { createQueryStatsSection } from "../../../../src/replica/consensus/payload/queryStatsSection.ts";
import { EMPTY_BATCH, decodePayload, encodePayload } from "../../../../src/replica/consensus/payloadCodec.ts";
import { createQueryStatsCollector } from "../../../../src/replica/execution/queryStatsCollector.ts";
import type { BatchPayload, QueryStatsSource } from "../../../../src/replica/interfaces/consensus.ts";
import { type CanisterId, type CanisterQueryStats, type QueryStatsReport, canisterIdFromIndex, height, nodeId, registryVersion, time } from "../../../../src/replica/types/index.ts";

const [me, other] = [nodeId(Uint8Array.of(1)), nodeId(Uint8Array.of(2))], ids = [1n, 2n, 3n].map(canisterIdFromIndex), at = height(47);
const context = { registryVersion: registryVersion(1), certifiedHeight: height(45), time: time(5n) };
const counted = (canister: CanisterId, calls = 1n): CanisterQueryStats => ({ canister, calls, instructions: calls * 1_000n, requestBytes: 7n, responseBytes: 9n });
const report = (epoch: number, stats: readonly CanisterQueryStats[] = [], node = me): QueryStatsReport => ({ node, epoch, stats });
const batch = (queryStats: QueryStatsReport): BatchPayload => ({ ...EMPTY_BATCH, queryStats });
/** A node that counted this in epoch 3 (heights 30 to 39), and what the certified state has. */
const source = (stats: readonly CanisterQueryStats[], recorded: NonNullable<ReturnType<QueryStatsSource["recorded"]>> | "gone" = "none"): QueryStatsSource =>
  ({ node: me, ended: () => ({ epoch: 3, stats }), epochOf: (certified) => Math.floor(certified / 10), recorded: () => (recorded === "gone" ? undefined : recorded) });
const stats = ids.map((id) => counted(id));

describe("what a block's maker tells of its queries", () => {
  const built = (of: QueryStatsSource, past: readonly BatchPayload[] = [], bytesMax = 1e6): QueryStatsReport | undefined => createQueryStatsSection(of).build(at, context, past, bytesMax);
  test.each<readonly [string, QueryStatsSource, readonly BatchPayload[], QueryStatsReport | undefined]>([
    ["all that it counted", source(stats), [], report(3, stats)], ["that there was nothing, once", source([]), [], report(3)], ["nothing twice", source([]), [batch(report(3))], undefined],
    ["what the state does not have", source(stats, new Set([ids[1]!])), [], report(3, [stats[0]!, stats[2]!])], ["what the chain does not have", source(stats), [batch(report(3, stats.slice(0, 2)))], report(3, [stats[2]!])],
    ["nothing when it has told everything", source(stats, new Set(ids)), [], undefined], ["nothing of an epoch that is closed", source(stats, "closed"), [], undefined],
    ["nothing of an epoch behind which the chain is", source(stats), [batch(report(4))], undefined], ["nothing without the state", source(stats, "gone"), [], undefined],
    ["what others told is no matter", source(stats), [batch(report(3, stats, other)), batch(report(4, [], other))], report(3, stats)], ["nothing before an epoch has ended", { ...source(stats), ended: () => undefined }, [], undefined],
  ])("%s", (_, of, past, expected) => {
    expect(built(of, past)).toEqual(expected);
    if (expected !== undefined) expect(createQueryStatsSection(of).validate(at, context, expected, past)).toEqual({ ok: true, value: undefined });
  });
  test("as much as the block has room for, and no less than that there is something", () => {
    expect(built(source(stats), [], 256 + 2 * 80)).toEqual(report(3, stats.slice(0, 2)));
    expect(built(source(stats), [], 256)).toEqual(report(3));
    expect(built(source(stats), [], 100)).toBeUndefined();
  });
});

describe("what a validator does not accept", () => {
  test.each<readonly [string, QueryStatsReport, QueryStatsSource, readonly BatchPayload[], "invalid" | "transient"]>([
    ["an epoch that goes on", report(4), source([]), [], "invalid"], ["an epoch to come", report(9), source([]), [], "invalid"], ["canisters out of order", report(3, [stats[1]!, stats[0]!]), source([]), [], "invalid"],
    ["a canister twice", report(3, [stats[0]!, stats[0]!]), source([]), [], "invalid"], ["what the state has", report(3, stats), source([], new Set([ids[2]!])), [], "invalid"],
    ["what the chain has", report(3, stats), source([]), [batch(report(3, [stats[0]!]))], "invalid"], ["nothing, once more", report(3), source([]), [batch(report(3))], "invalid"],
    ["a closed epoch", report(3, stats), source([], "closed"), [], "invalid"], ["an epoch behind which the chain is", report(2, stats), source([]), [batch(report(3))], "invalid"],
    ["anything without the state", report(3, stats), source([], "gone"), [], "transient"], ["more canisters than one round can aggregate", report(3, Array.from({ length: 5_001 }, (_, i) => counted(canisterIdFromIndex(BigInt(i))))), source([]), [], "invalid"],
  ])("%s", (_, given, of, past, kind) => { expect(createQueryStatsSection(of).validate(at, context, given, past)).toMatchObject({ ok: false, error: { kind } }); });
  test("statistics where none are expected", () => {
    expect(createPayloadBuilder({}).validate(at, context, batch(report(3)), [])).toMatchObject({ ok: false, error: { kind: "invalid", reason: "no queryStats expected" } });
  });
});

test("a payload with statistics is decoded as it was encoded, one without has the bytes that it always had", () => {
  const payload = { kind: "data", batch: batch(report(3, stats)), dealings: [] } as const;
  expect(decodePayload(encodePayload(payload))).toEqual(payload);
  const plain = encodePayload({ kind: "data", batch: EMPTY_BATCH, dealings: [] });
  expect(Buffer.from(plain).subarray(-6).toString("hex")).toBe("850080808080");
  expect(decodePayload(plain)).toEqual({ kind: "data", batch: EMPTY_BATCH, dealings: [] });
});

test("a node counts epoch by epoch, and tells of the one that ended", () => {
  const collector = createQueryStatsCollector(10), [a, b] = ids as [CanisterId, CanisterId], one = { calls: 1n, instructions: 5n, requestBytes: 2n, responseBytes: 3n };
  expect(collector.ended(height(9))).toBeUndefined();
  for (const [id, from] of [[b, 3], [a, 9], [b, 5], [a, 12]] as const) collector.count(id, one, height(from));
  expect(collector.ended(height(15))).toEqual({ epoch: 0, stats: [{ canister: a, ...one }, { canister: b, calls: 2n, instructions: 10n, requestBytes: 4n, responseBytes: 6n }] });
  expect(collector.ended(height(20))).toEqual({ epoch: 1, stats: [{ canister: a, ...one }] });
  expect(collector.ended(height(30))).toEqual({ epoch: 2, stats: [] });
});
