import type { ImportSignature } from "../../interfaces/wasm.ts";
import { callCalls } from "./calls.ts";
import { callerCalls } from "./caller.ts";
import { certifiedDataCalls } from "./certifiedData.ts";
import { costCalls } from "./costs.ts";
import { cyclesCalls } from "./cycles.ts";
import { debugCalls } from "./debug.ts";
import type { SystemCall } from "./defineSystemCall.ts";
import { environmentCalls, environmentVariableCalls } from "./environment.ts";
import { replyCalls } from "./reply.ts";
import { stableCalls } from "./stable.ts";

/** Every function of `ic0`, sorted by name. */
export const systemCallRows: readonly SystemCall[] = [
  ...callCalls, ...callerCalls, ...certifiedDataCalls, ...costCalls, ...cyclesCalls, ...debugCalls, ...environmentCalls, ...environmentVariableCalls, ...replyCalls, ...stableCalls,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** What the engine must know of the imports. */
export const importSignatures: readonly ImportSignature[] = systemCallRows.map(({ name, params, results, only32 }) => ({ name, params, results, ...(only32 === true && { only32 }) }));
