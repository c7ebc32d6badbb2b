import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { depthOf, SHAPES } from "./depthOf.ts";

describe("recursion to the limit", () => {
  test("traps at the same depth in a cold and a hot module, on this thread and in a worker", async () => {
    const shapes = Object.keys(SHAPES), worker = new Worker(new URL("./depthWorker.ts", import.meta.url), { execArgv: [] });
    const [inWorker] = await once(worker, "message") as [ReturnType<typeof depthOf>[]];
    await worker.terminate();
    const here = shapes.map((shape) => depthOf(shape));
    for (const [i, shape] of shapes.entries()) {
      const all = [...here[i]!, ...inWorker[i]!];
      expect([shape, all.map(({ said }) => said)]).toEqual([shape, all.map(() => "Canister trapped: stack overflow")]);
      expect([shape, new Set(all.map(({ instructions }) => instructions)).size]).toEqual([shape, 1]);
    }
    const depths = here.map(([cold]) => cold!.instructions);
    expect(depths[1]!).toBeLessThan(depths[0]! / 5);
    expect(depths[2]!).toBeLessThan(depths[0]! / 5);
  });
});
