import { Trap } from "../../interfaces/wasm.ts";
import { userError } from "../../types/index.ts";
import { defineSystemCall } from "./defineSystemCall.ts";

/** What a canister says to its developer. */
export const debugCalls = [
  defineSystemCall({
    name: "debug_print", params: ["I", "I"], results: [], contexts: "* s", cost: { fixed: 100, perByte: 1 },
    run(host, src, size) {
      try { host.logs.push(host.memory.read(src, size)); }
      catch (error) { // debug_print never traps (spec)
        if (!(error instanceof Trap)) throw error;
        host.logs.push(new TextEncoder().encode("(debug_print message out of memory bounds)"));
      }
    },
  }),
  defineSystemCall({
    name: "trap", params: ["I", "I"], results: [], contexts: "* s", cost: { fixed: 500, perByte: 1 },
    run(host, src, size) {
      let message = "(trap message out of memory bounds)";
      try { message = new TextDecoder().decode(host.memory.read(src, size)); } catch (error) { if (!(error instanceof Trap)) throw error; }
      throw new Trap(userError("IC0503", `Canister called \`ic0.trap\` with message: '${message}'`));
    },
  }),
];
