import { Worker } from "node:worker_threads";
import type { Bls } from "./bls.ts";

/** Interface spec, "Signatures": BLS signatures are points of G1. */
export const SIGNATURE_BYTES = 48;
/** Signatures under way at once; a node announces three a block. */
const SLOTS = 64;
/** Until so many were announced a second thread is not worth its start: networks of tests end before. */
const ANNOUNCED_MIN = 96;
/** Milliseconds; a thread that is that late is as good as gone. */
const PATIENCE_MS = 50;

export interface SigningJob { readonly slot: number; readonly secret: Uint8Array; readonly message: Uint8Array }
/** Shared by the threads: a slot's state is 0 while it is worked on, 1 when its signature is there. */
export interface SigningSlots { readonly states: Int32Array; readonly signatures: Uint8Array }

/**
 * Signs with a second thread what will be signed anyway. A BLS signature is a function of secret and message, so it makes no difference who
 * computes it when: `announce` begins one, `sign` takes it, or computes it here when it was not announced or does not come.
 */
export interface AheadSigner { announce(secret: Uint8Array, message: Uint8Array): void; sign(secret: Uint8Array, message: Uint8Array): Uint8Array }

/** One second thread serves all networks of a process: whoever starts many, as tests do, starts it once. */
const signers = new WeakMap<Bls, AheadSigner>();
export function aheadSignerOf(bls: Bls): AheadSigner {
  const known = signers.get(bls) ?? createAheadSigner(bls);
  signers.set(bls, known);
  return known;
}

export function createAheadSigner(bls: Bls): AheadSigner {
  const slots: SigningSlots = { states: new Int32Array(new SharedArrayBuffer(4 * SLOTS)), signatures: new Uint8Array(new SharedArrayBuffer(SIGNATURE_BYTES * SLOTS)) };
  const pending = new Map<string, number>(), owners: (string | undefined)[] = [];
  let announced = 0, next = 0, worker: Worker | undefined, ready = false;
  const nameOf = (secret: Uint8Array, message: Uint8Array): string => `${Buffer.from(secret).toString("latin1")}${Buffer.from(message).toString("latin1")}`;

  function start(): void {
    worker = new Worker(new URL("./signingWorker.ts", import.meta.url), { workerData: slots, name: "icx signatures" });
    worker.unref();
    worker.once("online", () => { ready = true; });
    worker.once("error", () => { ready = false; });
    worker.once("exit", () => { ready = false; });
  }
  return {
    announce(secret, message) {
      if (++announced === ANNOUNCED_MIN) start();
      const name = nameOf(secret, message);
      if (!ready || pending.has(name)) return;
      const slot = next++ % SLOTS, before = owners[slot];
      // What was announced and never taken gives way; a slot whose signature is still being made is not given out again.
      if (before !== undefined && Atomics.load(slots.states, slot) === 0) return;
      if (before !== undefined) pending.delete(before);
      Atomics.store(slots.states, slot, 0);
      owners[slot] = name;
      pending.set(name, slot);
      worker!.postMessage({ slot, secret, message } satisfies SigningJob);
    },
    sign(secret, message) {
      const name = nameOf(secret, message), slot = pending.get(name);
      if (slot === undefined) return bls.sign(secret, message);
      if (Atomics.load(slots.states, slot) === 0 && Atomics.wait(slots.states, slot, 0, PATIENCE_MS) === "timed-out") return bls.sign(secret, message);
      const signature = slots.signatures.slice(slot * SIGNATURE_BYTES, (slot + 1) * SIGNATURE_BYTES);
      pending.delete(name);
      owners[slot] = undefined;
      return new Uint8Array(signature);
    },
  };
}
