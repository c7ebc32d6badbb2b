import { Certificate as AgentCertificate } from "@dfinity/agent";
import { Certificate as CoreCertificate } from "@icp-sdk/core/agent";
import { Principal as AgentPrincipal } from "@dfinity/principal";
import { Principal as CorePrincipal } from "@icp-sdk/core/principal";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDelegation } from "../../../../src/replica/certification/delegation.ts";
import { decodeCertificate, encodeCertificate } from "../../../../src/replica/certification/certificate.ts";
import { buildStateTree } from "../../../../src/replica/certification/stateTree.ts";
import { derOfBlsKey, subnetIdOfKey } from "../../../../src/replica/crypto/der.ts";
import { DOMAINS, separated } from "../../../../src/replica/crypto/domain.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { lookup } from "../../../../src/replica/hashTree/lookup.ts";
import type { Path } from "../../../../src/replica/interfaces/subnet.ts";
import { localRange, rootSubnetRanges } from "../../../../src/replica/registry/routingTable.ts";
import { genesisState } from "../../../../src/replica/state/genesisState.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { createStateManager } from "../../../../src/replica/stateManager/stateManager.ts";
import { fullHash } from "../../../../src/replica/stateManager/fullHash.ts";
import { type SubnetId, canisterIdFromIndex, hexFromBytes, height, principalBytes, time } from "../../../../src/replica/types/index.ts";
import { canister } from "./sampleState.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const bls = await loadFastBls();
const [rootSecret, appSecret] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const [rootKey, appKey] = [rootSecret, appSecret].map((secret) => bls.publicKey(secret)) as [Uint8Array, Uint8Array];
const [ROOT, APP] = [subnetIdOfKey(rootKey), subnetIdOfKey(appKey)];
const range = localRange(0, APP), here = range.start, elsewhere = canisterIdFromIndex(3n);

/** A subnet of one node that certifies what it commits with its real key. */
function subnet(id: SubnetId, secret: Uint8Array, at: bigint): { readonly manager: ReturnType<typeof createStateManager>; readonly commit: (change: (state: ReplicatedState) => ReplicatedState) => void } {
  const topology = { rootSubnet: ROOT, rootKey: derOfBlsKey(rootKey), routingTable: [...rootSubnetRanges(ROOT), range], subnets: [
    { id: ROOT, type: "system", publicKey: derOfBlsKey(rootKey), nodes: [], pricedAs: 40 } as const, { id: APP, type: "application", publicKey: derOfBlsKey(appKey), nodes: [], pricedAs: 13 } as const].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  const manager = createStateManager({ initial: genesisState({ subnetId: id, topology, time: time(at) }), buildTree: buildStateTree, hashState: fullHash });
  return { manager, commit(change) {
    const latest = manager.latest(), hash = manager.commitAndCertify(change({ ...latest, height: height(latest.height + 1) }));
    const delivered = manager.deliverCertification({ height: manager.latest().height, hash, signature: bls.sign(secret, separated(DOMAINS.stateRoot, hash)) });
    expect(delivered.ok).toBe(true);
  } };
}
const now = BigInt(Date.now()) * 1_000_000n;
const root = subnet(ROOT, rootSecret, now), app = subnet(APP, appSecret, now);
root.commit((state) => state);
app.commit((state) => ({ ...state, canisters: state.canisters.set(here, canister(here, 42, true)) }));

const certified = (paths: readonly Path[], format: "flat" | "sharded" | undefined): Uint8Array => {
  const read = app.manager.readCertified(paths)!, delegation = format && createDelegation(root.manager, APP, format)!;
  return encodeCertificate({ tree: read.witness, signature: read.certification.signature, ...(delegation && { delegation }) });
};
const dataPath = [utf8("canister"), principalBytes(here), utf8("certified_data")];
const agents = {
  "@dfinity/agent": (certificate: Uint8Array, canisterId: string, key: Uint8Array) => AgentCertificate.create({ certificate, rootKey: key, canisterId: AgentPrincipal.fromHex(canisterId) }),
  "@icp-sdk/core": (certificate: Uint8Array, canisterId: string, key: Uint8Array) => CoreCertificate.create({ certificate, rootKey: key, principal: { canisterId: CorePrincipal.fromHex(canisterId) } }),
};

describe("interface spec, Certificate: what clients check", () => {
  const accepted = [["@dfinity/agent", "flat"], ["@icp-sdk/core", "flat"], ["@icp-sdk/core", "sharded"]] as const;
  test.each(accepted)("%s accepts a certificate with a %s delegation, and the value in it", async (agent, format) => {
    const checked = await agents[agent](certified([dataPath], format), here, derOfBlsKey(rootKey));
    const found = checked.lookup_path(dataPath);
    expect("value" in found && found.value).toEqual(Uint8Array.of(42));
    expect("value" in checked.lookup_path(["time"])).toBe(true);
  });

  test.each(accepted)("%s refuses a canister outside of the %s ranges, another root key, and a changed tree", async (agent, format) => {
    const certificate = certified([dataPath], format), place = Buffer.from(certificate).indexOf(Buffer.from("certified_data"));
    await expect(agents[agent](certificate, elsewhere, derOfBlsKey(rootKey))).rejects.toThrow();
    await expect(agents[agent](certificate, here, derOfBlsKey(appKey))).rejects.toThrow();
    const forged = certificate.slice();
    forged[place + "certified_data".length + 3]! ^= 1;
    await expect(agents[agent](forged, here, derOfBlsKey(rootKey))).rejects.toThrow();
  });

  test("the root subnet's certificates need no delegation", async () => {
    const read = root.manager.readCertified([[utf8("subnet")]])!;
    const certificate = encodeCertificate({ tree: read.witness, signature: read.certification.signature });
    const checked = await agents["@icp-sdk/core"](certificate, canisterIdFromIndex(1n), derOfBlsKey(rootKey));
    const found = checked.lookup_path(["subnet", principalBytes(APP), "type"]);
    expect("value" in found && Buffer.from(found.value as Uint8Array).toString()).toBe("application");
  });

  test("what is encoded is decoded, and shows nothing that was not asked for", () => {
    const decoded = decodeCertificate(certified([dataPath], "flat"));
    expect(decoded.ok && lookup(dataPath, decoded.value.tree)).toEqual({ kind: "found", value: Uint8Array.of(42) });
    expect(decoded.ok && lookup([utf8("canister"), principalBytes(here), utf8("module_hash")], decoded.value.tree)).toEqual({ kind: "unknown" });
    expect(decoded.ok && decoded.value.delegation?.subnet).toBe(APP);
    const inner = decoded.ok && decoded.value.delegation ? decodeCertificate(decoded.value.delegation.certificate) : decoded;
    expect(inner.ok && inner.value.delegation).toBeUndefined();
    expect(inner.ok && lookup([utf8("subnet"), principalBytes(APP), utf8("type")], inner.value.tree)).toEqual({ kind: "found", value: utf8("application") });
    expect(inner.ok && lookup([utf8("subnet"), principalBytes(ROOT), utf8("public_key")], inner.value.tree).kind).toBe("unknown");
  });

  test("bytes from outside give a certificate or an error, never an exception", () => {
    const good = certified([dataPath], "sharded");
    fc.assert(fc.property(fc.nat(), fc.nat(255), fc.nat(), (at, byte, cut) => {
      const bytes = good.slice(0, cut % 3 === 0 ? cut % good.length : good.length);
      if (bytes.length > 0) bytes[at % bytes.length] = byte;
      const decoded = decodeCertificate(bytes);
      if (decoded.ok) expect(hexFromBytes(decoded.value.signature)).toBeTypeOf("string");
    }), { numRuns: 500 });
  });
});
