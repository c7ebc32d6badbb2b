import { LIMITS } from "../../params/limits.ts";
import { type Principal, hexFromBytes, time } from "../../types/index.ts";
import { copyOut, principalAsBytes, textOf } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import { isReplicated } from "./executionContext.ts";
import type { Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

const STATUS = { running: 1, stopping: 2, stopped: 3 } as const;

/** Where the canister runs, what it is, what time it is. */
export const environmentCalls = [
  defineSystemCall({ name: "canister_self_size", params: [], results: ["I"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => input.canisterId.length / 2 }),
  defineSystemCall({
    name: "canister_self_copy", params: ["I", "I", "I"], results: [], contexts: "*", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "canister_self_copy", principalAsBytes(host.input.canisterId), dst, offset, size); },
  }),
  defineSystemCall({ name: "canister_status", params: [], results: ["i32"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => STATUS[input.status] }),
  defineSystemCall({ name: "canister_version", params: [], results: ["i64"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => input.version }),
  defineSystemCall({ name: "subnet_self_size", params: [], results: ["I"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => input.subnet.subnetId.length / 2 }),
  defineSystemCall({
    name: "subnet_self_copy", params: ["I", "I", "I"], results: [], contexts: "*", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "subnet_self_copy", principalAsBytes(host.input.subnet.subnetId), dst, offset, size); },
  }),
  defineSystemCall({ name: "subnet_self_node_count", params: [], results: ["i32"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => input.subnet.params.pricedAs }),
  defineSystemCall({ name: "time", params: [], results: ["i64"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => input.subnet.time }),
  defineSystemCall({
    name: "global_timer_set", params: ["i64"], results: ["i64"], contexts: "I G U Ry Rt C T", cost: { fixed: 500 },
    run(host, at) {
      const before = host.timer ?? host.input.globalTimer;
      host.timer = time(BigInt.asUintN(64, at));
      return before;
    },
  }),
  defineSystemCall({
    name: "performance_counter", params: ["i32"], results: ["i64"], contexts: "* s", cost: { fixed: 200 },
    run(host, type) {
      if (type !== 0 && type !== 1) throw contractViolation(`Error getting performance counter type ${type >>> 0}`);
      return host.memory.instructionsUsed() + (type === 1 ? host.input.contextInstructions : 0n);
    },
  }),
  defineSystemCall({
    name: "is_controller", params: ["I", "I"], results: ["i32"], contexts: "* s", cost: { fixed: 1000, perByte: 1 },
    run(host, src, size) {
      const bytes = host.memory.read(src, size);
      if (bytes.length > 29) throw contractViolation(`ic0.is_controller: ${bytes.length} bytes are not a principal`);
      return host.input.settings.controllers.includes(hexFromBytes(bytes) as Principal) ? 1 : 0;
    },
  }),
  defineSystemCall({ name: "in_replicated_execution", params: [], results: ["i32"], contexts: "* s", cost: { fixed: 500 }, run: ({ input }) => (isReplicated(input.context) ? 1 : 0) }),
];

const variables = ({ input }: Host): Host["input"]["settings"]["environmentVariables"] => input.settings.environmentVariables;
function nameAt(host: Host, index: number): Uint8Array {
  const variable = variables(host)[index];
  if (variable === undefined) throw contractViolation(`ic0.env_var_name: index ${index} is out of bounds for ${variables(host).length} environment variables`);
  return new TextEncoder().encode(variable.name);
}
function named(host: Host, src: number, size: number): string | undefined {
  if (size > LIMITS.environmentVariableBytesMax) throw contractViolation(`ic0.env_var: a name of ${size} bytes exceeds the limit of ${LIMITS.environmentVariableBytesMax}`);
  const name = textOf(host.memory.read(src, size), "Canister violated contract: ic0.env_var: invalid UTF-8 name");
  return variables(host).find((variable) => variable.name === name)?.value;
}
function valueOf(host: Host, src: number, size: number): Uint8Array {
  const value = named(host, src, size);
  if (value === undefined) throw contractViolation("ic0.env_var_value: no environment variable has this name");
  return new TextEncoder().encode(value);
}

/** Environment variables of the settings, sorted by name. */
export const environmentVariableCalls = [
  defineSystemCall({ name: "env_var_count", params: [], results: ["I"], contexts: "*", cost: { fixed: 500 }, run: (host) => variables(host).length }),
  defineSystemCall({ name: "env_var_name_size", params: ["I"], results: ["I"], contexts: "*", cost: { fixed: 500 }, run: (host, index) => nameAt(host, index).length }),
  defineSystemCall({
    name: "env_var_name_copy", params: ["I", "I", "I", "I"], results: [], contexts: "*", cost: { fixed: 500, perByte: 1 },
    run(host, index, dst, offset, size) { copyOut(host, "env_var_name_copy", nameAt(host, index), dst, offset, size); },
  }),
  defineSystemCall({
    name: "env_var_name_exists", params: ["I", "I"], results: ["i32"], contexts: "*", cost: { fixed: 500, perByte: 1 },
    run: (host, src, size) => (named(host, src, size) === undefined ? 0 : 1),
  }),
  defineSystemCall({ name: "env_var_value_size", params: ["I", "I"], results: ["I"], contexts: "*", cost: { fixed: 500, perByte: 1 }, run: (host, src, size) => valueOf(host, src, size).length }),
  defineSystemCall({
    name: "env_var_value_copy", params: ["I", "I", "I", "I", "I"], results: [], contexts: "*", cost: { fixed: 500, perByte: 1 },
    run(host, src, size, dst, offset, length) { copyOut(host, "env_var_value_copy", valueOf(host, src, size), dst, offset, length); },
  }),
];
