/** The helper thread of `threadRunner.ts`: runs one long execution after the other, and stops between slices until it may go on. */
import { parentPort } from "node:worker_threads";
import { PagedMemory } from "../../state/pagedMemory.ts";
import { execute } from "../hypervisor.ts";
import { createProgramStore } from "../programs.ts";
import { createSystemApi } from "../systemApi/importHandlers.ts";
import { importSignatures, systemCallRows } from "../systemApi/systemCallRows.ts";
import { createWasmEngine } from "../wasm/createWasmEngine.ts";
import { acquire, release } from "./permits.ts";
import { CONTROL, MORE, type MemoryPiece, RUN, type RunEnd, type StartRun, endOf, jobOf, withPiece } from "./threadMessages.ts";

const engine = createWasmEngine(importSignatures, { rules: { sliced: true }, modulesMax: 1, instancesMax: 1 });

/** What has come of the next job. */
let job: { readonly start: StartRun; heap: PagedMemory; stable: PagedMemory };

parentPort!.on("message", (message: StartRun | MemoryPiece | typeof RUN) => {
  if (message === RUN) { run(); return; }
  if ("control" in message) job = { start: message, heap: PagedMemory.empty(message.heapPages), stable: PagedMemory.empty(message.stablePages) };
  else job[message.which] = withPiece(job[message.which], message);
  parentPort!.postMessage(MORE);
});

function run(): void {
  const { start, heap, stable } = job, { control, port, id, permits } = start;
  const tell = (place: number, value: number): void => {
    Atomics.store(control, place, value);
    Atomics.add(control, CONTROL.events, 1);
    Atomics.notify(control, CONTROL.events);
    parentPort!.postMessage(value);
  };
  if (permits !== undefined) acquire(permits, id);
  let end: RunEnd, moved: ArrayBuffer[] = [];
  try {
    const { what, subnet } = jobOf(start, { heap, stable }, (slice) => {
      tell(CONTROL.used, slice - 1);
      if (permits !== undefined) release(permits, id);
      for (let allowed = Atomics.load(control, CONTROL.allowed); allowed < slice; allowed = Atomics.load(control, CONTROL.allowed)) Atomics.wait(control, CONTROL.allowed, allowed);
      if (permits !== undefined) acquire(permits, id);
    });
    ({ end, moved } = endOf(execute(createProgramStore(engine, createSystemApi(systemCallRows), new Map()), subnet, what), what));
  } catch (error) {
    end = { kind: "fault", message: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
  if (permits !== undefined) release(permits, id);
  engine.trim(0);
  port.postMessage(end, moved);
  port.close();
  tell(CONTROL.done, 1);
}
