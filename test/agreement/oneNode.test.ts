import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";
import { agentFor, application } from "./subnetOfFour.ts";

/** The network that everybody starts with: nobody else keeps what its only node was told. */
test("what is sent to a subnet whose only node is stopped ends when that starts, and once", { timeout: 60_000 }, async () => {
  const events = new EventEmitter();
  await using network = await startNetwork({ log: ({ room, event }) => { if (room === "pool") events.emit(event); } });
  const agent = agentFor(network), counter = counterActor(agent, await createAndInstall(agent, application(network).effectiveCanisterId, await counterModule())), [node] = application(network).nodes as [string];
  expect(await counter.increment(1n)).toBe(1n);
  for (const [sentFirst, expected] of [[false, 2n], [true, 3n]] as const) {
    if (!sentFirst) await network.stopNode(node);
    const taken = once(events, "added"), waiting = counter.increment(1n);
    await taken;
    if (sentFirst) await network.stopNode(node);
    expect(await counter.get()).toBeGreaterThanOrEqual(expected - 1n); // queries are answered throughout
    await network.startNode(node);
    expect(await waiting).toBe(expected);
    expect(await counter.get()).toBe(expected);
  }
});
