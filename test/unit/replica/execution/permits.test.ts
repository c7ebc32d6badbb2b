import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { acquire, createPermits, release } from "../../../../src/replica/execution/longRuns/permits.ts";

test("a slot is free again when its owner, or whoever buries it, gives it back", () => {
  const permits = createPermits(2);
  acquire(permits, 1);
  acquire(permits, 2);
  expect([...permits]).toEqual([0, 1, 2]);
  release(permits, 1);
  release(permits, 1); // nothing is held any more
  acquire(permits, 3);
  expect([...permits]).toEqual([1, 3, 2]);
});

test("a thread that finds none goes on when one is given back", async () => {
  const permits = createPermits(1), code = `
    import { workerData, parentPort } from "node:worker_threads";
    const { acquire, release } = await import(workerData.module);
    parentPort.postMessage("waits");
    acquire(workerData.permits, 2);
    parentPort.postMessage("runs");
    release(workerData.permits, 2);`;
  acquire(permits, 1);
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { permits, module: new URL("../../../../src/replica/execution/longRuns/permits.ts", import.meta.url).href }, execArgv: [] });
  const said: string[] = [], ended = new Promise((resolve) => { worker.once("exit", resolve); });
  worker.on("message", (text: string) => { said.push(text); if (text === "waits") setImmediate(() => { expect(said).toEqual(["waits"]); release(permits, 1); }); });
  await ended;
  expect(said).toEqual(["waits", "runs"]);
  expect([...permits]).toEqual([2, 0]);
});
