import { Certificate as AgentCertificate } from "@dfinity/agent";
import { Principal as AgentPrincipal } from "@dfinity/principal";
import { Certificate as CoreCertificate } from "@icp-sdk/core/agent";
import { Principal as CorePrincipal } from "@icp-sdk/core/principal";
import { expect, test } from "vitest";
import { encodeCertificate } from "../../src/replica/certification/certificate.ts";
import { buildStateTree } from "../../src/replica/certification/stateTree.ts";
import { derOfBlsKey, subnetIdOfKey } from "../../src/replica/crypto/der.ts";
import { DOMAINS, separated } from "../../src/replica/crypto/domain.ts";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import { generateNodeKeys, generateSubnetKeys, publicKeysOf } from "../../src/replica/crypto/generateKeys.ts";
import { createNodeKeys } from "../../src/replica/crypto/keyStore.ts";
import { makeTranscript } from "../../src/replica/crypto/transcript.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import type { DkgConfig, NodeKeys, SignatureShare, Transcript } from "../../src/replica/interfaces/crypto.ts";
import { rootSubnetRanges } from "../../src/replica/registry/routingTable.ts";
import { createSeededRng } from "../../src/replica/runtime/seededRng.ts";
import { genesisState } from "../../src/replica/state/genesisState.ts";
import { fullHash } from "../../src/replica/stateManager/fullHash.ts";
import { createStateManager } from "../../src/replica/stateManager/stateManager.ts";
import { hexFromBytes, height, time } from "../../src/replica/types/index.ts";

/** Protocol digest §7 row 9. */
const NODES = 4, F = 1, RESHARES = 10;

test("ten reshares, each to four nodes that were not there before: published agents check certificates of the last ones with the key of the first, and 2f shares make none", async () => {
  const bls = await loadFastBls(), verifier = createVerifier(bls), rng = createSeededRng(Buffer.from("ten generations")), genesis = generateSubnetKeys(bls, rng.fork("genesis"), NODES), first = genesis.transcripts.high;
  let transcript: Transcript = first, parties: readonly NodeKeys[] = genesis.stores.map((store) => createNodeKeys(store, [], verifier));
  const generations = [{ transcript, parties }];
  for (let generation = 1; generation <= RESHARES; generation++) {
    const stores = Array.from({ length: NODES }, (_, i) => generateNodeKeys(rng.fork(`node ${generation} ${i}`))), receivers = stores.map((store) => publicKeysOf(bls, store));
    const config: DkgConfig = { id: `generation ${generation}`, tag: "highThreshold", threshold: 2 * F + 1, dealers: transcript.committee, receivers: receivers.map(({ nodeId, encryptionKey }) => ({ nodeId, encryptionKey: encryptionKey! })), resharing: transcript };
    // f of them deal nothing.
    const next = makeTranscript(bls, config, parties.slice(generation % 2, NODES - F + (generation % 2)).map((party) => ({ dealer: party.nodeId, dealing: party.deal(config)! })))!, fresh = stores.map((store) => createNodeKeys(store, [], verifier));
    for (const party of fresh) expect(party.learnShare(next)).toBe(true);
    expect(next.committee.filter((id) => transcript.committee.includes(id))).toEqual([]);
    expect(hexFromBytes(next.publicCoefficients[0]!)).toBe(hexFromBytes(first.publicCoefficients[0]!));
    [transcript, parties] = [next, fresh];
    generations.push({ transcript, parties });
  }
  const now = BigInt(Date.now()) * 1_000_000n, rootKey = derOfBlsKey(first.publicCoefficients[0]!), id = subnetIdOfKey(first.publicCoefficients[0]!), routingTable = rootSubnetRanges(id);
  const topology = { rootSubnet: id, rootKey, routingTable, subnets: [{ id, type: "system", publicKey: rootKey, nodes: [], pricedAs: 40 } as const] };
  const certificateOf = (choose: (place: number) => boolean, of = generations.at(-1)!): Uint8Array => {
    const manager = createStateManager({ initial: genesisState({ subnetId: id, topology, time: time(now) }), buildTree: buildStateTree, hashState: fullHash }), hash = manager.commitAndCertify({ ...manager.latest(), height: height(1) });
    const shares: readonly SignatureShare[] = of.parties.map((party, index) => ({ index, signature: party.signThreshold(of.transcript.id, separated(DOMAINS.stateRoot, hash)) })), signature = bls.combine(shares.filter(({ index }) => choose(index)));
    manager.deliverCertification({ height: height(1), hash, signature });
    return encodeCertificate({ tree: manager.readCertified([[Buffer.from("time")]])!.witness, signature });
  };
  const canister = routingTable[0]!.start, agents = [
    (certificate: Uint8Array) => AgentCertificate.create({ certificate, rootKey, canisterId: AgentPrincipal.fromHex(canister) }), (certificate: Uint8Array) => CoreCertificate.create({ certificate, rootKey, principal: { canisterId: CorePrincipal.fromHex(canister) } }),
  ];
  for (const [i, check] of agents.entries()) {
    expect("value" in (await check(certificateOf((place) => place !== i))).lookup_path(["time"])).toBe(true);
    await expect(check(certificateOf((place) => place === i || place === 3))).rejects.toThrow();
  }
  // No 2f of any generation do, and no shares of different ones.
  const message = Buffer.from("a root hash"), sharesOf = ({ transcript: { id: name }, parties: all }: (typeof generations)[number]): readonly SignatureShare[] => all.map((party, index) => ({ index, signature: party.signThreshold(name, message) }));
  const certifies = (shares: readonly SignatureShare[]): boolean => bls.verify(first.publicCoefficients[0]!, message, bls.combine(shares)), last = sharesOf(generations.at(-1)!);
  expect(certifies(last.slice(0, 2 * F + 1))).toBe(true);
  for (const generation of generations) {
    const shares = sharesOf(generation);
    expect([certifies(shares.slice(1)), certifies(shares.slice(0, 2 * F)), certifies(shares.slice(2 * F))]).toEqual([true, false, false]);
    if (generation.transcript !== transcript) expect(certifies([...shares.slice(0, 2 * F), last[2 * F]!])).toBe(false);
  }
});
