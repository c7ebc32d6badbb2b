import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { RoomLine } from "../context/events.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { Network } from "../index.ts";
import { managedTarget } from "./findNetwork.ts";
import { lockWhenFree, type Waiting } from "./lockWhenFree.ts";
import type { MadeNetwork } from "./madeNetwork.ts";
import { networkFolder, type NetworkFolder } from "./networkFolder.ts";
import { stateError } from "./stateError.ts";
import { verifyBls } from "./verifyBls.ts";

/** A command that follows another within this time finds certificates that agents take, and makes no block for its own sake. */
const IDLE_BLOCK_INTERVAL_MS = 60_000, AGE_MAX_MS = 3 * 60_000, FRESH_TIMEOUT_MS = 10_000;
/** What a restart reads begins at the last summary: one comes after so many heights, since every command restarts. */
const DKG_INTERVAL = { heights: 64, ms: 0 };
const CHEAP_SESSION_MS = 300, REPLAY_MAX = 16;

export interface OpenOptions extends Waiting {
  readonly warn: (text: string) => void;
  readonly made?: MadeNetwork;
  readonly onRoom?: (line: RoomLine) => void;
}

/** The local network without a process of its own: its state is open here, or somebody has started it meanwhile. */
export interface OpenedNetwork {
  readonly target: NetworkTarget;
  /** Whether it is open in this process. */
  readonly here: boolean;
  /** Saves and gives the folder back. @throws IcxError ICX2015, ICX2016 */
  close(): Promise<void>;
}

/** Opens the state of the network that lives below `root`; a new network in an empty place. @throws IcxError ICX2005, ICX2007, ICX2013 to ICX2016 */
export async function openState(root: string, options: OpenOptions): Promise<OpenedNetwork> {
  const place = networkFolder(root), lock = await lockWhenFree(place, { ...options, use: "command" });
  if ("pid" in lock) return { target: managedTarget(root, lock), here: false, close: () => Promise.resolve() };
  try {
    rmSync(place.descriptor, { force: true }); // of a process that was killed
    const network = await open(place, options);
    const began = performance.now(), close = async (): Promise<void> => {
      try { await (isCheap(network, performance.now() - began) ? network.suspend() : network.stop()); } catch (cause) { throw stateError(cause, place.folder) ?? cause; } finally { lock[Symbol.dispose](); }
    };
    let closing: Promise<void> | undefined;
    return { target: targetIn(network, place), here: true, close: () => closing ??= close() };
  } catch (cause) {
    lock[Symbol.dispose]();
    if (cause instanceof IcxError) throw cause;
    throw stateError(cause, place.folder) ?? new IcxError(ERRORS.network.startFailed, { reason: cause instanceof Error ? cause.message : String(cause), log: place.log }, { cause });
  }
}

async function open(place: NetworkFolder, { warn, made, onRoom }: OpenOptions): Promise<Network> {
  const { startNetwork } = await import("../index.ts");
  const network = await startNetwork({
    ...made, unsigned: true, stateDir: place.state, idleBlockIntervalMs: IDLE_BLOCK_INTERVAL_MS, dkgInterval: DKG_INTERVAL, onEvent: (event) => { if (event.kind === "warning") warn(event.text); },
    ...(onRoom !== undefined && { log: onRoom }),
  });
  const isFresh = (): boolean => network.subnets.every(({ certifiedTimeNanos }) => Date.now() - Number(certifiedTimeNanos / 1_000_000n) < AGE_MAX_MS);
  for (const deadline = performance.now() + FRESH_TIMEOUT_MS; !isFresh() && performance.now() < deadline;) await delay(1);
  return network;
}

/** Whether the next one replays what this one did sooner than this one could write a checkpoint. */
const isCheap = ({ subnets }: Network, sessionMs: number): boolean =>
  sessionMs < CHEAP_SESSION_MS && subnets.every(({ height, checkpointHeight }) => checkpointHeight > 0 && height - checkpointHeight <= REPLAY_MAX);

/** The same door as over a socket: `Request` → `Response`. */
const targetIn = (network: Network, { ids }: NetworkFolder): NetworkTarget => ({
  name: "local", url: network.url, rootKey: network.rootKey, managed: true, effectiveCanisterId: network.defaultEffectiveCanisterId, idsFile: ids, verifyBls,
  fetch: (input, init) => network.fetch(new Request(input, init)), ownerFetch: (input, init) => network.ownerFetch(new Request(input, init)),
});
