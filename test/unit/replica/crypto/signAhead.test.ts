import { expect, test, vi } from "vitest";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { createAheadSigner } from "../../../../src/replica/crypto/signAhead.ts";

test("what was announced often enough is signed on another thread, with the same bytes", async () => {
  const fast = await loadFastBls(), secret = new Uint8Array(32).fill(7);
  let here = 0, next = 0;
  const signer = createAheadSigner({ ...fast, sign: (key, message) => { here++; return fast.sign(key, message); } });
  const message = (): Uint8Array => Buffer.from(`message ${next++}`);
  for (let i = 0; i < 200; i++) signer.announce(secret, message());
  // Until the thread is up this one signs; from then on nothing is left for it.
  await vi.waitFor(() => {
    const wanted = message(), before = here;
    signer.announce(secret, wanted);
    expect(signer.sign(secret, wanted)).toEqual(fast.sign(secret, wanted));
    expect(here).toBe(before);
  }, { timeout: 20_000, interval: 50 });
  const never = message();
  expect(signer.sign(secret, never)).toEqual(fast.sign(secret, never));
});
