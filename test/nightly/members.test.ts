import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { decodeArtifact } from "../../src/replica/consensus/artifactRows.ts";
import { type OpenNetwork, startNetworkOn } from "../../src/replica/internetComputer.ts";
import { encodeDelta } from "../../src/replica/registryFeed.ts";
import { subnetRecordKey } from "../../src/replica/registry/keys.ts";
import { encodeSubnetRecord } from "../../src/replica/registry/records.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { REGISTRY_CANISTER_ID } from "../../src/replica/systemCanisters/nns/registry/registry.ts";
import { type NodeId, height, registryVersion } from "../../src/replica/types/index.ts";
import type { DkgSummary } from "../../src/replica/interfaces/consensus.ts";

const INTERVAL = 5;

test("a node that the registry takes out of a subnet leaves its committees, and the others go on without it", { timeout: 120_000 }, async () => {
  const blocks = new EventEmitter();
  const open: OpenNetwork = await startNetworkOn(createRealRuntime(), { nodes: 4, idleBlockIntervalMs: 5, dkgInterval: { heights: INTERVAL, ms: 0 }, onEvent: (event) => { if (event.kind === "block") blocks.emit("block"); } });
  await using network = open.network;
  const [root, app] = open.subnets as [OpenNetwork["subnets"][number], OpenNetwork["subnets"][number]], id = app.subnet.subnetId;
  const { registry, store } = app.nodes[0]!, record = registry.at(registryVersion(1))!.subnet(id)!, leaver = app.nodes[3]!.id;
  const summaries = (): readonly { readonly at: number; readonly dkg: DkgSummary }[] => store.heights(height(0)).flatMap(({ entries }) => entries.flatMap(({ bytes }) => {
    const decoded = decodeArtifact(bytes);
    return decoded.ok && decoded.value.kind === "blockProposal" && decoded.value.block.payload.kind === "summary" ? [{ at: decoded.value.height as number, dkg: decoded.value.block.payload.dkg }] : [];
  }));
  const committees = ({ currentTranscripts }: DkgSummary): readonly (readonly NodeId[])[] => currentTranscripts.map(({ committee }) => committee);
  const until = async (done: () => boolean): Promise<void> => { while (!done()) await once(blocks, "block"); };

  const delta = { version: registryVersion(2), mutations: [{ key: subnetRecordKey(id), value: encodeSubnetRecord({ ...record, membership: record.membership.filter((member) => member !== leaver) }) }] };
  expect(await open.admin.call(root.subnet, REGISTRY_CANISTER_ID, "atomic_mutate", encodeDelta(delta))).toMatchObject({ ok: true });
  await until(() => summaries().some(({ dkg }) => dkg.registryVersion === 2 && committees(dkg).every((committee) => committee.length === 3)));
  const { dkg } = summaries().at(-1)!;
  expect(committees(dkg).flat()).not.toContain(leaver);
  expect(dkg.currentTranscripts[1]!.publicCoefficients[0]).toEqual(summaries()[0]!.dkg.currentTranscripts[1]!.publicCoefficients[0]);

  await app.stopNode(3);
  const { certifiedHeight } = app.subnet;
  await until(() => app.subnet.certifiedHeight > certifiedHeight + INTERVAL);
});
