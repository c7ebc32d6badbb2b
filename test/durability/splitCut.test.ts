import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { type OpenNetwork, startNetworkOn } from "../../src/replica/internetComputer.ts";
import { subnetOfCanister } from "../../src/replica/registry/routingTable.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, hexFromBytes, principalFromText, principalToText } from "../../src/replica/types/index.ts";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";

const { args, results } = MANAGEMENT_TYPES.provisional_create_canister_with_cycles;
async function create({ network, subnets, admin }: OpenNetwork): Promise<CanisterId> {
  const made = await admin.call(subnets[1]!.subnet, MANAGEMENT_CANISTER_ID, "provisional_create_canister_with_cycles", encodeCandid(args, [{ amount: [], settings: [], specified_id: [], sender_canister_version: [] }]), principalFromText(network.defaultEffectiveCanisterId) as CanisterId);
  const answer = decodeCandid(results, made.ok ? made.value : expect.fail(made.error.message));
  return answer.ok ? hexFromBytes((answer.value[0] as { canister_id: { toUint8Array(): Uint8Array } }).canister_id.toUint8Array()) as CanisterId : expect.fail(answer.error);
}

test("a network that ends when the registry has the split, and before the subnet has followed it, goes on as two when it starts again", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-split-")), options = { stateDir, dkgInterval: { heights: 4, ms: 0 }, nodes: 1 };
  try {
    const first = await startNetworkOn(createRealRuntime(), options), [stays, goes] = [await create(first), await create(first)], host = first.hosts[1]!;
    const cut = new RangeError("the lights went out");
    Object.assign(host, { recover: () => Promise.reject(cut) });
    await expect(first.network.splitSubnet({ subnet: principalToText(host.id), canisters: [principalToText(goes)] })).rejects.toBe(cut);
    await first.network.suspend();

    const again = await startNetworkOn(createRealRuntime(), options), homeOf = (id: CanisterId): OpenNetwork["subnets"][number] => {
      const home = subnetOfCanister(again.subnets[0]!.subnet.certifiedState().topology.routingTable, id);
      return again.subnets.find(({ subnet }) => subnet.subnetId === home) ?? expect.fail(`nobody hosts ${principalToText(id)}`);
    };
    expect(again.network.subnets).toHaveLength(3);
    expect([homeOf(stays) === homeOf(goes), homeOf(stays).subnet.subnetId]).toEqual([false, host.id]);
    for (const id of [stays, goes]) {
      const stopped = await again.admin.call(homeOf(id).subnet, MANAGEMENT_CANISTER_ID, "stop_canister", encodeCandid(MANAGEMENT_TYPES.stop_canister.args, [{ canister_id: candidFromPrincipal(id) }]), id);
      expect(stopped.ok).toBe(true);
    }
    await again.network.stop();
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
});
