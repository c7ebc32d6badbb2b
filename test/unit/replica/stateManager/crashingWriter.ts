/**
 * A process that lives the life of a subnet on disk until it is killed: goes on from what it finds, journals heights, writes checkpoints
 * beside, and says `<height>` on a line of its own when the height is acknowledged.
 */
import { openStore } from "../../../../src/replica/stateManager/openStore.ts";
import { type Hash, assert, height } from "../../../../src/replica/types/index.ts";
import { nextState, seeded, stateAfter } from "./randomRounds.ts";

const [directory, seed] = process.argv.slice(2) as [string, string];
const store = await openStore(directory), loaded = store.load();
assert(loaded.ok, "the store loads");
let state = loaded.value?.state ?? stateAfter(seed, 0);
for (const { height: at } of store.heights(height(state.height + 1))) {
  assert(at === state.height + 1, "the journal has no gap");
  state = nextState(state, seeded(`${seed} ${state.height}`));
}
for (;;) {
  state = nextState(state, seeded(`${seed} ${state.height}`));
  const at = state.height;
  store.putHeight(at, [{ id: "block", bytes: new Uint8Array(1 + (at * 997) % 9000).fill(at) }]);
  store.putRecord("signed", new Uint8Array(Buffer.from(String(at))));
  await store.flushed();
  process.stdout.write(`${at}\n`);
  if (at % 7 === 0) {
    const written = store.checkpoint(state, { height: at, hash: new Uint8Array(32).fill(at) as Hash<"StateRoot">, signature: new Uint8Array(48) });
    store.forgetBelow(at);
    if (at % 21 === 0) await written;
  }
}
