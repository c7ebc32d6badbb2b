import { Trap } from "../../src/replica/interfaces/wasm.ts";
import type { NativeCall, NativeProgram } from "../../src/replica/interfaces/nativeProgram.ts";
import { keyFromText, openStableMap } from "../../src/replica/execution/native/stableMap.ts";
import type { PagedMemory } from "../../src/replica/state/pagedMemory.ts";
import { type CanisterId, userError } from "../../src/replica/types/index.ts";

/** A call that a canister is told to make. What the other one does: 0 reply, 1 reject, 2 trap, 3 call on to `next`, 4 forget to answer. */
export interface Errand { readonly to: CanisterId; readonly tag: number; readonly does: 0 | 1 | 2 | 3 | 4; readonly cycles: number; readonly timeout?: number; readonly next?: CanisterId }

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text), text = (value: Uint8Array): string => new TextDecoder().decode(value);
export const errandsArg = (errands: readonly Errand[]): Uint8Array => bytes(JSON.stringify(errands));

/** One more of something; gives the new number. */
function count({ state }: NativeCall, name: string): number {
  const key = keyFromText(name), before = state.get(key), now = 1 + (before === undefined ? 0 : Number(text(before)));
  state.set(key, bytes(String(now)));
  return now;
}
function send(call: NativeCall, { to, tag, does, cycles, timeout, next }: Errand, forwarded: boolean): boolean {
  const number = count(call, "number"), env = bytes(JSON.stringify([tag, timeout === undefined, forwarded]));
  return call.call({
    receiver: to, method: "take", arg: bytes(JSON.stringify([tag, does, next ?? "", number])), cycles: BigInt(cycles), onReply: { step: "answered", env }, onReject: { step: "answered", env },
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
  });
}
/** What should never be is written down where the checker looks. */
const fault = ({ state }: NativeCall, rule: string, what: string): void => state.set(keyFromText(`fault ${rule} ${what}`), new Uint8Array(1));
/** A canister that calls others as it is told, and notes what it sees: every message once, in order, every call answered once. */
export const CHATTER: NativeProgram = {
  name: "chatter",
  entries: {
    "canister_update go": (call) => {
      for (const errand of JSON.parse(text(call.arg)) as Errand[]) count(call, send(call, errand, false) ? "sent" : "unsent");
      call.reply(new Uint8Array(0));
    },
    "canister_update take": (call) => {
      const [tag, does, next, number] = JSON.parse(text(call.arg)) as [number, Errand["does"], CanisterId | "", number], last = keyFromText(`last ${call.caller}`), before = call.state.get(last), seen = keyFromText(`seen ${call.caller} ${tag}`);
      if (call.state.get(seen) !== undefined) fault(call, "X3", `message ${tag} of ${call.caller} came again`);
      if (before !== undefined && Number(text(before)) > number) fault(call, "X6", `message ${number} of ${call.caller} came after ${text(before)}`);
      call.state.set(seen, new Uint8Array(1));
      call.state.set(last, bytes(String(number)));
      if (does === 2) throw new Trap(userError("IC0503", "Canister trapped"));
      call.acceptCycles(call.cyclesAvailable() / 2n);
      if (does === 0) call.reply(bytes(`thanks for ${tag}`));
      else if (does === 1) call.reject("not now");
      else if (does === 3 && next !== "" && !send(call, { to: next, tag: tag + 1, does: 0, cycles: 0 }, true)) call.reject("full");
    },
  },
  steps: {
    answered(call, { env }) {
      const [tag, guaranteed, forwarded] = JSON.parse(text(env)) as [number, boolean, boolean], key = keyFromText(`answer ${tag}`);
      if (call.state.get(key) !== undefined) fault(call, "X4", `call ${tag} was answered again`);
      call.state.set(key, Uint8Array.of(call.rejectCode));
      if (guaranteed && call.rejectCode === 6) fault(call, "X5", `guaranteed call ${tag} has an unknown outcome`);
      count(call, "answered");
      if (forwarded) call.reply(bytes(`passed on ${tag}`));
    },
  },
};

/** What the canister noted. */
export function notesOf(stable: PagedMemory): { readonly faults: readonly { readonly rule: string; readonly what: string }[]; readonly sent: number; readonly unsent: number; readonly answered: number } {
  const map = openStableMap(stable), prefix = keyFromText("fault "), number = (name: string): number => Number(text(map.get(keyFromText(name)) ?? bytes("0")));
  const faults = [...map.entries(prefix)].map(([key]) => { const [, rule, ...what] = Buffer.from(key, "hex").toString().split(" "); return { rule: rule!, what: what.join(" ") }; });
  return { faults, sent: number("sent"), unsent: number("unsent"), answered: number("answered") };
}
