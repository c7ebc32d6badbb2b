/** The second thread of `signAhead.ts`: signs what it is sent and puts the signature where the first thread looks for it. */
import { parentPort, workerData } from "node:worker_threads";
import { loadFastBls } from "./fastBls.ts";
import { type SigningJob, SIGNATURE_BYTES, type SigningSlots } from "./signAhead.ts";

const { states, signatures } = workerData as SigningSlots;
const bls = loadFastBls();

parentPort!.on("message", ({ slot, secret, message }: SigningJob) => {
  void bls.then(({ sign }) => {
    signatures.set(sign(secret, message), slot * SIGNATURE_BYTES);
    Atomics.store(states, slot, 1);
    Atomics.notify(states, slot);
  });
});
