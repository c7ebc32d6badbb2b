/** The network's own user: signs what the admin of a local network asks for, so that it goes through consensus and can be replayed. */
import { MANAGEMENT_CANISTER_ID, type CanisterId, type Principal, type Result, type UserError, assert, err, ok, principalBytes, principalFromBytes, userError } from "./types/index.ts";
import { candidFromPrincipal, encodeCandid } from "./codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "./codec/candidManagement.ts";
import { encodeSelfDescribedCbor } from "./codec/cbor.ts";
import { hashOfMap } from "./codec/requestId.ts";
import { selfAuthenticatingBytes } from "./crypto/der.ts";
import { separated } from "./crypto/domain.ts";
import { ed25519Key } from "./crypto/ed25519.ts";
import type { NativeProgram } from "./interfaces/nativeProgram.ts";
import type { RequestValidator } from "./interfaces/ingress.ts";
import type { RegistryVersionDelta } from "./interfaces/registry.ts";
import type { SubnetView } from "./interfaces/subnet.ts";
import { encodeDelta } from "./registryFeed.ts";
import { nativeModule } from "./systemCanisters/nativeModule.ts";
import { proxyProgram } from "./systemCanisters/proxy/proxy.ts";
import { REGISTRY_CANISTER_ID, encodeRegistryInit, registryProgram } from "./systemCanisters/nns/registry/registry.ts";

/** Well inside the five minutes that a message may live. */
const EXPIRY = 240_000_000_000n;

export interface NetworkAdmin {
  readonly principal: Principal;
  /** An update call to a canister of the subnet; resolves with its certified, durable answer. `effective` routes management calls. */
  call(subnet: SubnetView, canister: CanisterId, method: string, arg: Uint8Array, effective?: CanisterId): Promise<Result<Uint8Array, UserError>>;
}

/** @param seed 32 bytes, made at genesis */
export function createNetworkAdmin(seed: Uint8Array, validator: RequestValidator): NetworkAdmin {
  const key = ed25519Key(seed), principal = principalFromBytes(selfAuthenticatingBytes(key.publicKey));
  let nonce = 0;
  return {
    principal,
    call(subnet, canister, method, arg, effective = canister) {
      const now = subnet.now();
      const content = {
        request_type: "call", sender: principalBytes(principal), canister_id: principalBytes(canister), method_name: method, arg,
        ingress_expiry: now + EXPIRY, nonce: new Uint8Array(Buffer.from(`${now}/${nonce++}`).subarray(0, 32)),
      };
      const envelope = encodeSelfDescribedCbor({ content, sender_pubkey: key.publicKey, sender_sig: key.sign(separated("ic-request", hashOfMap(content))) });
      const message = validator.call(envelope, { kind: "canister", id: effective }, now);
      assert(message.ok, "the network's own call is authentic");
      const { messageId } = message.value;
      return new Promise((resolve) => {
        subnet.whenAnswered(messageId, () => {
          const status = subnet.ingressStatus(messageId);
          resolve(status.kind === "completed" ? ok(status.reply) : status.kind === "failed" ? err(userError(status.code, status.message)) : err(userError("IC0204", "the answer is no longer known")));
        });
        const submitted = subnet.submit(message.value);
        if (!submitted.ok) resolve(err("code" in submitted.error ? submitted.error : userError("IC0204", "the subnet takes no more messages")));
      });
    },
  };
}

/** Makes an empty canister of this id if it does not exist, and gives it a program's module if it has none. */
async function installNative(admin: NetworkAdmin, subnet: SubnetView, id: CanisterId, program: NativeProgram, arg: Uint8Array): Promise<void> {
  const manage = async (method: ManagementMethodName, args: object): Promise<void> => {
    const done = await admin.call(subnet, MANAGEMENT_CANISTER_ID, method, encodeCandid(MANAGEMENT_TYPES[method].args, [args]), id);
    assert(done.ok, `${method} of the canister ${program.name}: ${done.ok ? "" : done.error.message}`);
  };
  const canister_id = candidFromPrincipal(id), none: [] = [];
  if (!subnet.certifiedState().canisters.has(id)) await manage("provisional_create_canister_with_cycles", { amount: none, settings: none, specified_id: [canister_id], sender_canister_version: none });
  if (subnet.certifiedState().canisters.get(id)?.execution !== undefined) return;
  await manage("install_code", { mode: { install: null }, canister_id, wasm_module: nativeModule(program), arg, sender_canister_version: none });
}

/** Installs the registry canister on a root subnet that has none; its first version is the network's genesis. */
export const installRegistry = (admin: NetworkAdmin, root: SubnetView, genesis: RegistryVersionDelta): Promise<void> =>
  installNative(admin, root, REGISTRY_CANISTER_ID, registryProgram, encodeRegistryInit([principalBytes(admin.principal)], encodeDelta(genesis)));

/** The proxy canister of a subnet, installed when it is missing: the last id of the subnet's ranges, which nobody else is given for a million canisters. */
export async function installProxy(admin: NetworkAdmin, subnet: SubnetView): Promise<CanisterId> {
  const id = subnet.certifiedState().topology.routingTable.filter((range) => range.subnet === subnet.subnetId).at(-1)!.end;
  await installNative(admin, subnet, id, proxyProgram, new Uint8Array());
  return id;
}
