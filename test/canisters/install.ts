import { Actor, type HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";

const canister = IDL.Record({ canister_id: IDL.Principal });
const management: IDL.InterfaceFactory = ({ IDL: types }) => types.Service({
  provisional_create_canister_with_cycles: types.Func([types.Record({ amount: types.Opt(types.Nat), settings: types.Opt(types.Record({})), specified_id: types.Opt(types.Principal) })], [canister], []),
  install_code: types.Func([types.Record({
    mode: types.Variant({ install: types.Null, reinstall: types.Null, upgrade: types.Opt(types.Record({ skip_pre_upgrade: types.Opt(types.Bool), wasm_memory_persistence: types.Opt(types.Variant({ keep: types.Null, replace: types.Null })) })) }),
    canister_id: types.Principal, wasm_module: types.Vec(types.Nat8), arg: types.Vec(types.Nat8),
  })], [], []),
});
type Install = "install" | "reinstall" | "upgrade";
interface Management {
  provisional_create_canister_with_cycles(args: { amount: [] | [bigint]; settings: []; specified_id: [] | [Principal] }): Promise<{ canister_id: Principal }>;
  install_code(args: { mode: Partial<Record<Install, null | []>>; canister_id: Principal; wasm_module: Uint8Array; arg: Uint8Array }): Promise<void>;
}

const managementFor = (agent: HttpAgent, effectiveCanisterId: Principal): Management =>
  Actor.createActor<Management>(management, { agent, canisterId: Principal.managementCanister(), effectiveCanisterId });

/** A new canister with the default cycles, controlled by the agent's identity. */
export async function createCanister(agent: HttpAgent, effectiveCanisterId: string): Promise<Principal> {
  const { canister_id } = await managementFor(agent, Principal.fromText(effectiveCanisterId)).provisional_create_canister_with_cycles({ amount: [], settings: [], specified_id: [] });
  return canister_id;
}

export async function installCode(agent: HttpAgent, canisterId: Principal, module: Uint8Array, options: { readonly mode?: Install; readonly arg?: Uint8Array } = {}): Promise<void> {
  const mode = options.mode ?? "install";
  await managementFor(agent, canisterId).install_code({ mode: { [mode]: mode === "upgrade" ? [] : null }, canister_id: canisterId, wasm_module: module, arg: options.arg ?? new Uint8Array(IDL.encode([], [])) });
}

export async function createAndInstall(agent: HttpAgent, effectiveCanisterId: string, module: Uint8Array, arg?: Uint8Array): Promise<Principal> {
  const id = await createCanister(agent, effectiveCanisterId);
  await installCode(agent, id, module, arg === undefined ? {} : { arg });
  return id;
}

/** Typed face of `counter.wat` and of the `motoko` template's canister. */
export interface Counter { increment(by: bigint): Promise<bigint>; get(): Promise<bigint> }
export const counterInterface: IDL.InterfaceFactory = ({ IDL: types }) =>
  types.Service({ increment: types.Func([types.Nat], [types.Nat], []), get: types.Func([], [types.Nat], ["query"]) });
export const counterActor = (agent: HttpAgent, canisterId: Principal): Counter => Actor.createActor<Counter>(counterInterface, { agent, canisterId });
