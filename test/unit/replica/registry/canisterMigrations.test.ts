import * as fc from "fast-check";
import { expect, test } from "vitest";
import { completeMigrations, prepareMigration, rerouteRanges } from "../../../../src/replica/registry/canisterMigrations.ts";
import { type GenesisSubnet, genesisRegistry } from "../../../../src/replica/registry/genesis.ts";
import { CANISTER_MIGRATIONS_KEY } from "../../../../src/replica/registry/keys.ts";
import { createLocalRegistry } from "../../../../src/replica/registry/localRegistry.ts";
import type { RegistryMutation } from "../../../../src/replica/registry/mutation.ts";
import { decodeCanisterMigrations, encodeCanisterMigrations } from "../../../../src/replica/registry/records.ts";
import { assignRanges, homeRanges, isWithin, localRange, subnetOfCanister } from "../../../../src/replica/registry/routingTable.ts";
import { subnetsInOrder } from "../../../../src/replica/registry/subnetChanges.ts";
import { type CanisterId, canisterIdFromIndex, nodeId, registryVersion, subnetId } from "../../../../src/replica/types/index.ts";

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const subnet = (byte: number): GenesisSubnet => ({ id: subnetId(fill(29, byte)), publicKey: fill(133, byte), type: "application", nodes: [{ id: nodeId(fill(29, byte + 100)), publicKey: fill(44, byte), multiSigPublicKey: fill(96, byte), proofOfPossession: fill(48, byte) }] });
const [root, from, to] = [subnet(1), subnet(2), subnet(3)], start = 0x8000000000100000n, id = (place: number): CanisterId => canisterIdFromIndex(start + BigInt(place));
const begun = (): ReturnType<typeof createLocalRegistry> => createLocalRegistry([genesisRegistry(root, [from, to], "icx-1")]);

test("a move in three versions: both subnets are believed, the ids live elsewhere, the trace is gone", () => {
  const registry = begun(), apply = (mutations: readonly RegistryMutation[]): void => { expect(registry.apply({ version: registryVersion(registry.latestVersion + 1), mutations })).toEqual({ ok: true, value: undefined }); };
  const now = (): NonNullable<ReturnType<typeof registry.at>> => registry.at(registry.latestVersion)!, ranges = [{ start: id(3), end: id(7) }, { start: id(9), end: id(9) }], move = { ranges, from: from.id, to: to.id };
  const prepared = prepareMigration(move, now());
  apply(prepared.ok ? prepared.value : expect.fail(prepared.error));
  expect(now().topology.migrations).toEqual(ranges.map((range) => ({ ...range, trace: [from.id, to.id] })));
  expect([3, 7, 9].map((place) => subnetOfCanister(now().topology.routingTable, id(place)))).toEqual([from.id, from.id, from.id]);
  expect(prepareMigration({ ...move, ranges: [{ start: id(5), end: id(5) }] }, now())).toEqual({ ok: false, error: "some of the canisters are moving already" });

  apply([rerouteRanges(move, now())]);
  expect([2, 3, 7, 8, 9, 10].map((place) => subnetOfCanister(now().topology.routingTable, id(place)))).toEqual([from.id, to.id, to.id, from.id, to.id, from.id]);
  // Where new canisters go, and in which order subnets came, does not change by what they are given.
  expect(subnetsInOrder(now())).toEqual([root.id, from.id, to.id]);
  expect(homeRanges(now().topology.routingTable, to.id)).toEqual([localRange(1, to.id)]);
  expect(homeRanges(now().topology.routingTable, from.id).map((range) => range.start)).toEqual([id(0), id(8), id(10)]);

  apply(completeMigrations(now().topology.migrations!.slice(0, 1), now()));
  expect(now().topology.migrations).toEqual([{ ...ranges[1], trace: [from.id, to.id] }]);
  apply(completeMigrations(now().topology.migrations!, now()));
  expect([now().topology.migrations, now().value(CANISTER_MIGRATIONS_KEY)]).toEqual([undefined, undefined]);
  expect(registry.at(registryVersion(2))!.topology.migrations).toHaveLength(2); // every version stays what it was
});

test("ids of another subnet, none at all, and the last id of a subnet are refused", () => {
  const now = begun().at(registryVersion(1))!, refused = (first: number, last: number, of = from.id): unknown => prepareMigration({ ranges: first > last ? [] : [{ start: id(first), end: id(last) }], from: of, to: to.id }, now);
  expect(refused(1, 2, root.id)).toEqual({ ok: false, error: "not all canister ids are of the subnet" });
  expect(refused(5, (1 << 20) + 1)).toEqual({ ok: false, error: "not all canister ids are of the subnet" });
  expect(refused(2, 1)).toEqual({ ok: false, error: "no canister is named" });
  expect(refused(5, (1 << 20) - 1)).toEqual({ ok: false, error: "the last id of a subnet is its own, for the proxy canister" });
});

test("a table stays disjoint, sorted and complete whatever is assigned", () => {
  const table = [localRange(0, from.id), localRange(1, to.id)], owners = [root.id, from.id, to.id];
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.nat(2)), { maxLength: 12 }), (moves) => {
    const model = new Map<number, string>(), moved = moves.reduce((known, [first, length, owner]) => {
      for (let place = first; place <= first + length; place++) model.set(place, owners[owner]!);
      return assignRanges(known, [{ start: id(first), end: id(first + length) }], owners[owner]!);
    }, table as ReturnType<typeof assignRanges>);
    for (let place = 0; place < 90; place++) expect(subnetOfCanister(moved, id(place))).toBe(model.get(place) ?? from.id);
    expect(moved.every((one, i) => one.start <= one.end && (i === 0 || moved[i - 1]!.end < one.start))).toBe(true);
    expect(isWithin([{ start: id(0), end: id((1 << 21) - 1) }], moved)).toBe(true);
  }));
});

test("a record of moves comes back, and anything else is refused", () => {
  const moves = [{ start: id(4), end: id(4), trace: [from.id, to.id], replaces: { canister: id(1 << 20), version: 7n, changes: 3n } }, { start: id(6), end: id(8), trace: [from.id, to.id, root.id] }];
  expect(decodeCanisterMigrations(encodeCanisterMigrations(moves))).toEqual(moves);
  const bad = [[{ ...moves[0]!, end: id(5) }], [moves[0]!, moves[0]!], [{ ...moves[1]!, trace: [from.id] }], [{ ...moves[1]!, end: id(5) }]];
  for (const one of bad) expect(decodeCanisterMigrations(encodeCanisterMigrations(one))).toBeUndefined();
  const bytes = encodeCanisterMigrations(moves);
  for (let cut = 0; cut < bytes.length; cut++) expect(decodeCanisterMigrations(bytes.subarray(0, cut))).toBeUndefined();
  const registry = begun();
  expect(registry.apply({ version: registryVersion(2), mutations: [{ key: CANISTER_MIGRATIONS_KEY, value: bytes.subarray(1) }] })).toMatchObject({ ok: false, error: { kind: "malformed", key: CANISTER_MIGRATIONS_KEY } });
});
