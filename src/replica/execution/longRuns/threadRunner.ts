import { availableParallelism } from "node:os";
import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from "node:worker_threads";
import { type Executed, execute, hostOf } from "../hypervisor.ts";
import type { Programs } from "../program.ts";
import type { LongJob, LongRun, LongRunner } from "./longRun.ts";
import { isReplicated } from "../systemApi/executionContext.ts";
import { type SharedPermits, createPermits, release as giveBack } from "./permits.ts";
import { CONTROL, CONTROL_BYTES, MORE, RUN, type RunEnd, executedOf, memoryPieces, startOf } from "./threadMessages.ts";

/** Megabytes; more than frames of wasm and of the system calls under them take (createWasmEngine's STACK_BYTES_MAX). */
const STACK_MB = 16;
/** Milliseconds without any sign of a thread, after which the execution is repeated here: a thread that died says nothing. */
const PATIENCE_MS = 120_000;

/** So many threads wait for the next execution; others end. */
const IDLE_MAX = 1;

/** A thread that moved more bytes of memories than this ends with its execution: V8 would keep them as long as the thread idles. */
const MOVED_BYTES_KEPT = 64 << 20;

/** Slices that run at once: one core is for everybody else. */
export const RUNNING_MAX = Math.max(1, availableParallelism() - 1);

/** A thread, and what its signs call. */
interface Helper { readonly worker: Worker; alive: boolean; readonly watchers: Set<() => void>; /** Sends the next part of the memories. */ feed: () => void }

/** Runs each long execution in a helper thread over copies of the canister's memories. A thread holds no event loop open unless somebody awaits it. */
export function createThreadRunner(programs: Programs, shared?: SharedPermits): LongRunner {
  const idle: Helper[] = [], ending = new Set<Promise<unknown>>(), permits = shared?.permits ?? createPermits(RUNNING_MAX);
  let last = shared?.firstOwner ?? 0;
  function end(helper: Helper, id = 0): void {
    helper.alive = false;
    const gone = helper.worker.terminate().finally(() => { if (id > 0) giveBack(permits, id); ending.delete(gone); });
    ending.add(gone);
  }
  function helperThread(): Helper {
    const known = idle.pop();
    if (known !== undefined) return known;
    const helper: Helper = { worker: new Worker(new URL("./longRunWorker.ts", import.meta.url), { name: "icx long message", resourceLimits: { stackSizeMb: STACK_MB } }), alive: true, watchers: new Set(), feed: () => undefined };
    const sign = (): void => { for (const watch of [...helper.watchers]) watch(); };
    const gone = (): void => {
      helper.alive = false;
      if (idle.includes(helper)) idle.splice(idle.indexOf(helper), 1);
      sign();
    };
    helper.worker.on("message", (said) => { if (said === MORE) helper.feed(); else sign(); }).on("error", gone).on("exit", gone).unref();
    return helper;
  }
  const runs = new Set<LongRun>();

  function start(job: LongJob): LongRun {
    const helper = helperThread(), control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES)), { port1, port2 } = new MessageChannel();
    Atomics.store(control, CONTROL.allowed, 1);
    const id = ++last, isQuery = !isReplicated(job.what.context);
    helper.worker.postMessage(startOf(job, { control, port: port2, id, ...(!isQuery && { permits }) }), [port2]);
    const pieces = memoryPieces(job);
    let sent = false, moved = 0;
    const feed = helper.feed = (): void => {
      if (sent) return;
      const { value: piece, done } = pieces.next();
      sent = done === true;
      moved += piece?.bytes.length ?? 0;
      if (piece === undefined) helper.worker.postMessage(RUN); else helper.worker.postMessage(piece, [piece.bytes.buffer as ArrayBuffer]);
    };
    port1.unref();
    let executed: Executed | undefined, free = false;
    /** The thread has nothing more to do for this run. */
    const release = (): void => {
      if (free) return;
      free = true;
      sent = true;
      runs.delete(run);
      port1.close();
      if (helper.alive && idle.length < IDLE_MAX && moved <= MOVED_BYTES_KEPT && Atomics.load(control, CONTROL.done) === 1) idle.push(helper); else end(helper, id);
    };
    const allowed = (): number => Atomics.load(control, CONTROL.allowed);
    /** Whether it is known how an execution of so many slices stands. */
    const isKnown = (slices: number): boolean => executed !== undefined || Atomics.load(control, CONTROL.done) === 1 || Atomics.load(control, CONTROL.used) >= slices;
    function take(): Executed {
      const end = outcomeOn(port1);
      if (end?.kind === "returned") for (const piece of [...end.heap.pieces, ...end.stable.pieces]) moved += piece.length;
      release();
      // A fault of the thread (its memory, its start) is none of the canister's: the outcome is the same wherever it is computed.
      if (end === undefined || end.kind === "fault") return execute(programs, job.subnet, { ...job.what, variant: "long" });
      return executedOf(end, job.what, hostOf(job.subnet, job.what));
    }
    const run: LongRun = {
      allow(slices) {
        if (slices <= allowed()) return;
        Atomics.store(control, CONTROL.allowed, slices);
        Atomics.notify(control, CONTROL.allowed);
      },
      within(slices) {
        run.allow(slices);
        while (!sent && helper.alive && executed === undefined) feed();
        while (!isKnown(slices)) {
          const events = Atomics.load(control, CONTROL.events);
          if (isKnown(slices)) break;
          if (!helper.alive || Atomics.wait(control, CONTROL.events, events, PATIENCE_MS) === "timed-out") { executed = take(); break; }
        }
        if (executed === undefined && Atomics.load(control, CONTROL.done) === 1) executed = take();
        return executed !== undefined && executed.outcome.used <= job.sliceInstructions * BigInt(slices) ? executed : undefined;
      },
      ready() {
        if (isKnown(allowed()) || !helper.alive) return undefined;
        helper.worker.ref();
        return new Promise((resolve) => {
          const watch = (): void => {
            if (!isKnown(allowed()) && helper.alive && !free) return;
            helper.watchers.delete(watch);
            if (helper.watchers.size === 0) helper.worker.unref();
            resolve();
          };
          helper.watchers.add(watch);
        });
      },
      stop: release,
    };
    runs.add(run);
    return run;
  }
  return {
    start,
    close() {
      for (const run of [...runs]) run.stop();
      for (const helper of idle.splice(0)) end(helper);
      return Promise.all(ending).then(() => undefined);
    },
  };
}

function outcomeOn(port: MessagePort): RunEnd | undefined { return receiveMessageOnPort(port)?.message as RunEnd | undefined; }
