import { verify } from "node:crypto";
import type { RequestValidator, SignatureClaim } from "../interfaces/ingress.ts";

/** Computes a claimed signature on another thread; the judgement itself stays where it is and finds the work done. */
const computed = ({ algorithm, key, message, signature, remember }: SignatureClaim): Promise<void> => new Promise((resolve) => {
  verify(algorithm, message, key, signature, (error, good) => {
    if (error === null && good) remember();
    resolve();
  });
});

/** Resolves when judging the request costs no signature any more; undefined when there is nothing to wait for. */
export function verifyAhead(validator: RequestValidator, body: Uint8Array): Promise<void> | undefined {
  const claim = validator.claim(body);
  return claim && computed(claim);
}
