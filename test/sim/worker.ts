import { simulate } from "./simulate.ts";

/** A process that runs seeds as it is told, one after the other, and reports each. */
process.on("message", (job: { readonly seed: number; readonly nodes: number; readonly real?: boolean; readonly until?: string }) => {
  void simulate(job).then((report) => process.send?.(report, undefined, undefined, () => undefined)); // nobody may wait for it any more
});
process.on("disconnect", () => process.exit(0));
