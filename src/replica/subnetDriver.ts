import { setImmediate } from "node:timers";
import type { Time } from "./types/index.ts";
import type { Runtime } from "./interfaces/runtime.ts";

/** The synchronous core of one subnet as the driver sees it. */
export interface Driven {
  /** Resolves when `advance` need not wait for a long message's slice; undefined when that is now. */
  ready?(): Promise<void> | undefined;
  /** Consensus, execution and certification until nothing moves; true when something did. */
  advance(): boolean;
  /** Whether all that the last `advance` did was a piece of work that can wait. */
  onlySpare?(): boolean;
  /** Hands what has to survive to the disk and resolves when it is there. */
  persist(): Promise<void>;
  /** Lets out what is durable now: answers, shares, slices. */
  publish(): void;
  /** What does not depend on a payload: the next beacon and tape. */
  prepare(): void;
  /** Messages that wait for a block, and how many the last block carried. */
  load(): { readonly waiting: number; readonly lastBlock: number };
  /** When `advance` should be called though nothing arrived. */
  nextWake(): Time | undefined;
}

/** Gives a subnet its turns: at once when something arrived, otherwise when it is due. The core never waits; this does. */
export interface SubnetDriver {
  /** Something arrived. */
  kick(): void;
  /** Ends after the turn under way; resolves when the core is at rest. */
  halt(): Promise<void>;
}

/** Lets the event loop take in what has arrived. */
const nextTurn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
/** Blocks this full are a sign of load: the next one is worth a moment's wait. */
const BUSY_BLOCK = 8;
/** Nanoseconds without another arrival, and in all: fractions of what a block costs. */
const GATHER_PAUSE = 3_000_000n, GATHER_MAX = 20_000_000n;
/** For clocks that stand still between turns: simulated ones. */
const GATHER_TURNS = 1000;

export function createSubnetDriver(subnet: Driven, { clock, timers, spareTurn = nextTurn }: Pick<Runtime, "clock" | "timers" | "spareTurn">, onFailure: (error: unknown) => void): SubnetDriver {
  let running: Promise<void> | undefined, again = false, halted = false;
  /** Ends the rest between two pieces of work that can wait. */
  let interrupt = (): void => undefined;
  let cancelTimer = (): void => undefined;

  /** Callers of the last block, who were answered just now, and those who waited behind it: whom the next block may expect. */
  let expected = 0;
  /**
   * Under load the senders of the last block answer within moments of each other. A block made for the first of them would leave the others
   * to the next one; so it waits until as many are there again, as long as they keep coming. A lone caller never waits.
   */
  const gather = async (): Promise<void> => {
    const start = clock.now();
    let arrived = 0, last = start;
    for (let turn = 0; turn < GATHER_TURNS && expected >= BUSY_BLOCK; turn++) {
      const { waiting } = subnet.load(), now = clock.now();
      if (waiting > arrived) { arrived = waiting; last = now; }
      if (waiting === 0 || waiting >= expected || now - last >= GATHER_PAUSE || now - start >= GATHER_MAX) return;
      await nextTurn();
    }
  };
  const turns = async (): Promise<void> => {
    do {
      again = false;
      await gather();
      const slice = subnet.ready?.();
      if (slice !== undefined) await slice;
      if (subnet.advance()) {
        await subnet.persist();
        const { waiting, lastBlock } = subnet.load();
        expected = waiting + lastBlock;
        subnet.publish();
        subnet.prepare();
        again = true;
        // Requests that arrived meanwhile join the next block.
        if (subnet.onlySpare?.() !== true) await nextTurn();
        else await Promise.race([spareTurn(), new Promise<void>((resolve) => { interrupt = resolve; })]);
      }
    } while (again && !halted);
  };
  const schedule = (): void => {
    const wake = subnet.nextWake();
    if (wake === undefined || halted) return;
    const delay = wake - clock.now();
    cancelTimer = timers.after((delay > 0n ? delay : 0n) as Time, "subnet", run);
  };
  const run = (): void => {
    if (halted) return;
    if (running !== undefined) { again = true; interrupt(); return; }
    cancelTimer();
    running = turns().catch((error: unknown) => { halted = true; onFailure(error); }).finally(() => { running = undefined; schedule(); });
  };
  let kicked = false;
  return {
    kick() {
      if (kicked || halted) return;
      kicked = true;
      setImmediate(() => { kicked = false; run(); });
    },
    async halt() {
      halted = true;
      cancelTimer();
      interrupt();
      await running;
    },
  };
}
