import { IDL } from "@dfinity/candid";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { askOwner } from "./askOwner.ts";
import type { Answer, NetworkClient, Updated } from "./createClient.ts";
import { callManagement, principalOf } from "./management.ts";

/** The call that a proxy canister shall pass on. */
export interface ProxiedCall { readonly canister: string; readonly method: string; readonly arg: Uint8Array; readonly cycles: bigint }

const { Record, Variant, Principal, Text, Vec, Nat8, Nat, Null } = IDL;
type Result = { readonly Ok: { readonly result: Uint8Array } } | { readonly Err: { readonly InsufficientCycles?: { readonly available: bigint; readonly required: bigint }; readonly CallFailed?: { readonly reason: string }; readonly UnauthorizedUser?: null } };

/** The local network's own proxy canister, with as many cycles as a call shall carry: they are made out of nothing, as by `icx canister top-up`. @throws IcxError ICX2008, ICX6001 */
export async function localProxy(client: NetworkClient, cycles: bigint): Promise<string> {
  const { canister } = await (await askOwner(client.target, "POST", "proxy")).json() as { readonly canister: string };
  if (cycles > 0n) await callManagement(client, "provisional_top_up_canister", { canister_id: principalOf(canister), amount: cycles }, canister);
  return canister;
}

/** Sends a call through a proxy canister with the interface of icp-cli's (`proxy`); the canister that is called sees the proxy as its caller. @throws IcxError ICX6016 */
export async function callThrough(client: NetworkClient, proxy: string, { canister, method, arg, cycles }: ProxiedCall): Promise<Answer<Updated>> {
  const args = Record({ canister_id: Principal, method: Text, args: Vec(Nat8), cycles: Nat });
  const result = Variant({ Ok: Record({ result: Vec(Nat8) }), Err: Variant({ InsufficientCycles: Record({ available: Nat, required: Nat }), CallFailed: Record({ reason: Text }), UnauthorizedUser: Null }) });
  const answer = await client.update(proxy, "proxy", IDL.encode([args], [{ canister_id: principalOf(canister), method, args: arg, cycles }]));
  if (answer.kind === "reject") return answer;
  const [found] = IDL.decode([result], answer.value.reply) as unknown as readonly [Result];
  if ("Ok" in found) return { kind: "reply", value: { ...answer.value, reply: Uint8Array.from(found.Ok.result) } };
  const { InsufficientCycles: missing, CallFailed: failed } = found.Err, reason = failed?.reason ?? (missing === undefined ? "you are none of its controllers" : `it has ${missing.available} cycles, and ${missing.required} are needed`);
  throw new IcxError(ERRORS.canister.proxyFailed, { proxy, canister, method, reason }, { details: { requestId: answer.value.requestId } });
}
