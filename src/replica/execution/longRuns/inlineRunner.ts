import { type Executed, execute } from "../hypervisor.ts";
import type { Programs } from "../program.ts";
import type { LongRunner } from "./longRun.ts";

/** Runs a long execution on the caller's thread, whole, when it is first asked for: for simulations, where no thread may tell the time. */
export const createInlineRunner = (programs: Programs): LongRunner => ({
  start({ what, subnet, sliceInstructions }) {
    let executed: Executed | undefined;
    return {
      allow: () => undefined,
      within(slices) {
        executed ??= execute(programs, subnet, { ...what, variant: "long" });
        return executed.outcome.used <= sliceInstructions * BigInt(slices) ? executed : undefined;
      },
      ready: () => undefined,
      stop: () => undefined,
    };
  },
  close: () => Promise.resolve(),
});
