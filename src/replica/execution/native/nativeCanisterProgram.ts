import { Trap } from "../../interfaces/wasm.ts";
import type { ExecutionState } from "../../state/canisterState.ts";
import { userError } from "../../types/index.ts";
import type { CanisterProgram } from "../program.ts";
import { contextsOf } from "../systemApi/executionContext.ts";
import { type NativeProgram, nativeCall } from "./nativeProgram.ts";
import { openStableMap } from "./stableMap.ts";

/** Custom section of a module that stands for a native program; its content is the program's name. */
export const NATIVE_SECTION = "icx:native-program";
/** Instructions that a native message counts as: a fixed figure, so that rounds stay functions of their input. */
const NATIVE_MESSAGE_INSTRUCTIONS = 1_000_000n;
const DISCARDING = contextsOf("RQ NRQ TQ F");

export function nativeProgramName(execution: ExecutionState): string | undefined {
  const section = execution.metadata.find(({ name }) => name === NATIVE_SECTION);
  return section === undefined ? undefined : new TextDecoder().decode(section.content);
}

/** Runs a native program behind the same door as a wasm module: its map is opened on the stable memory and committed when it returns. */
export function nativeCanisterProgram(program: NativeProgram): CanisterProgram {
  return {
    run(_id, state, entry, host, _limits, discard) {
      const used = NATIVE_MESSAGE_INSTRUCTIONS, map = openStableMap(state.stable);
      const call = nativeCall(host, map);
      try {
        if (entry.kind === "export") program.entries[entry.name]?.(call);
        else if (entry.kind === "continuation") {
          const step = program.steps[entry.continuation.step];
          if (step === undefined) throw new Trap(userError("IC0502", `Canister trapped: no step ${entry.continuation.step}`));
          step(call, entry.continuation);
        }
      } catch (error) {
        if (error instanceof Trap) return { kind: "trapped", used, error: error.error };
        throw error;
      }
      return { kind: "returned", used, state: discard || DISCARDING.has(host.input.context) ? state : { ...state, stable: map.commit() } };
    },
  };
}
