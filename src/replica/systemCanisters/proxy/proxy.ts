/**
 * The proxy canister of a local network: passes a user's call on with cycles of its own, since a user's message carries none (interface spec,
 * "Cycles"). Its interface is that of icp-cli's proxy canister, so that `icp canister call --proxy` works with it too. Cycles cost nothing on a
 * local network (`provisional_top_up_canister`), so anybody may use it.
 */
import { IDL } from "@dfinity/candid";
import type { NativeCall, NativeProgram } from "../../interfaces/nativeProgram.ts";
import { type CandidPrincipal, decodeCandid, encodeCandid, principalFromCandid } from "../../codec/candid.ts";
import { Trap } from "../../interfaces/wasm.ts";
import { type CanisterId, userError } from "../../types/index.ts";

const { Record, Variant, Principal, Text, Vec, Nat8, Nat, Null } = IDL, Blob = Vec(Nat8);
const types = (): { readonly args: IDL.Type; readonly result: IDL.Type } => ({
  args: Record({ canister_id: Principal, method: Text, args: Blob, cycles: Nat }),
  result: Variant({ Ok: Record({ result: Blob }), Err: Variant({ InsufficientCycles: Record({ available: Nat, required: Nat }), CallFailed: Record({ reason: Text }), UnauthorizedUser: Null }) }),
});
interface ProxyArgs { readonly canister_id: CandidPrincipal; readonly method: string; readonly args: Uint8Array; readonly cycles: bigint }
type ProxyResult = { readonly Ok: { readonly result: Uint8Array } } | { readonly Err: object };

const answer = (call: NativeCall, result: ProxyResult): void => call.reply(encodeCandid([types().result], [result]));
const NOTHING = new Uint8Array();

function passOn(call: NativeCall): void {
  const decoded = decodeCandid([types().args], call.arg);
  if (!decoded.ok) throw new Trap(userError("IC0503", `Canister called \`ic0.trap\` with message: 'the argument cannot be decoded: ${decoded.error}'`));
  const { canister_id, method, args, cycles } = decoded.value[0] as ProxyArgs, available = call.cycleBalance();
  const sent = cycles <= available && call.call({ receiver: principalFromCandid(canister_id) as CanisterId, method, arg: Uint8Array.from(args), cycles, onReply: { step: "replied", env: NOTHING }, onReject: { step: "rejected", env: NOTHING } });
  if (!sent) answer(call, { Err: { InsufficientCycles: { available, required: cycles } } });
}

export const proxyProgram: NativeProgram = {
  name: "proxy",
  entries: { "canister_update proxy": passOn },
  steps: {
    replied: (call) => answer(call, { Ok: { result: call.arg } }),
    rejected: (call) => answer(call, { Err: { CallFailed: { reason: `reject code ${call.rejectCode}: ${call.rejectMessage ?? ""}` } } }),
  },
};
