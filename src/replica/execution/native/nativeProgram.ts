import type { NativeCall, StableMap } from "../../interfaces/nativeProgram.ts";
import { Trap } from "../../interfaces/wasm.ts";
import { LIMITS } from "../../params/limits.ts";
import { REJECT, userError } from "../../types/index.ts";
import { contextsOf } from "../systemApi/executionContext.ts";
import type { Host } from "../systemApi/host.ts";

export type { NativeCall, NativeProgram } from "../../interfaces/nativeProgram.ts";

const CERTIFYING = contextsOf("I G U Ry Rt T");
const violation = (message: string): Trap => new Trap(userError("IC0504", `Canister violated contract: ${message}`));

/** The message's record of effects, as a native program writes it: the rules are those of the system calls of the same names. */
export function nativeCall(host: Host, state: StableMap): NativeCall {
  const { input } = host;
  const answer = (response: NonNullable<Host["response"]>): void => {
    if (input.responded || host.response !== undefined) throw violation("the call is already replied to");
    host.response = response;
    host.available = 0n;
  };
  return {
    state, arg: input.arg, caller: input.caller, self: input.canisterId, time: input.subnet.time,
    reply: (data) => answer({ kind: "reply", data }),
    reject: (message) => answer({ kind: "reject", code: REJECT.canisterReject, message }),
    certify(data) {
      if (!CERTIFYING.has(input.context) || data.length > LIMITS.certifiedDataBytesMax) throw violation(`certified_data_set of ${data.length} bytes in ${input.context} mode`);
      host.certifiedData = data;
    },
    dataCertificate: () => host.certificate ??= input.dataCertificate?.(),
  };
}
