import { Certificate } from "@dfinity/agent";
import { expect, test } from "vitest";
import { height } from "../../src/replica/types/index.ts";
import { application, startFourNodes } from "../agreement/subnetOfFour.ts";
import { type ClusterOptions, ms } from "../sim/cluster.ts";
import { finalized, life, runTo } from "../sim/scenarios/watched.ts";
import { measured } from "./ground.ts";

/** Protocol digest §7, rows 4 and 11: long chains, and mainnet's interval. */
const NODES = 4, INTERVAL = 499, JOINS_AT = 5_230, JOINER = 2;

test("a node that begins with nothing at height 5,230 executes less than 600 batches, comes to the tip and signs the next package", { timeout: 3_600_000 }, () => {
  const signed: number[] = [], cpu = process.cpuUsage();
  const watches: ClusterOptions["watches"] = () => [{ step(node, sent) {
    for (const artifact of sent) {
      if (artifact.kind === "catchUpPackageShare" && artifact.signer === node.id && node.place === JOINER && node.life > 0) signed.push(artifact.height);
    }
  } }];
  const cluster = life({ seed: "join", nodes: NODES, params: { dkgIntervalLength: INTERVAL, idleBlockInterval: ms(20) }, watches }, (c) => {
    runTo(c, JOINS_AT, 10_000_000);
    c.wipe(JOINER);
    expect(c.nodes[JOINER]!.state.height).toBe(0);
    const { state } = c.nodes[JOINER]!;
    for (let spent = 0; spent < 1_000 && state.base < 5_000; spent += 20) c.run(20);
    for (let spent = 0; spent < 4_000 && state.height < finalized(c) - 2; spent += 20) c.run(20);
    expect([state.base, state.height >= finalized(c) - 2, state.height > JOINS_AT]).toEqual([5_000, true, true]);
    runTo(c, 5_520, 1_000_000);
  });
  const { state, consensus: { heights } } = cluster.nodes[JOINER]!, executed = state.deliveries.length;
  measured(`${executed} of ${state.height} batches executed by the one that came late; ${(process.cpuUsage(cpu).user / 1e6).toFixed(0)} s of CPU`);
  expect(executed).toBe(state.height - state.base);
  expect(executed).toBeLessThan(600);
  expect([signed, heights.catchUp]).toEqual([[5_500], 5_500]);
});

test("with f+1 of four nodes down nothing becomes final for seconds, and the old state is read with certificates that verify", { timeout: 120_000 }, async () => {
  await using four = await startFourNodes();
  const { network, agent, canister } = four, { nodes } = application(network), text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value)), hash = [text("canister"), canister.toUint8Array(), text("module_hash")];
  const readAt = async (): Promise<{ readonly time: string; readonly module: string }> => {
    const { certificate } = await agent.readState(canister, { paths: [[text("time")], hash] }), checked = await Certificate.create({ certificate, rootKey: agent.rootKey!, canisterId: canister });
    const found = (path: readonly Uint8Array[]): string => { const value = checked.lookup_path([...path]); return "value" in value ? Buffer.from(value.value as Uint8Array).toString("hex") : expect.fail("not in the certificate"); };
    return { time: found([text("time")]), module: found(hash) };
  };
  expect(await four.increment()).toBe(1n);
  await network.stopNode(nodes[1]!);
  await network.stopNode(nodes[3]!);
  const waiting = four.increment(), before = await readAt(), { height: stuck, certifiedHeight } = application(network);
  let answered = false;
  void waiting.then(() => { answered = true; });
  for (let read = 0; read < 20; read++) expect(await readAt()).toEqual(before);
  expect([application(network).height, application(network).certifiedHeight - certifiedHeight <= 1, answered]).toEqual([stuck, true, false]);
  // What the two that are left hold is one state.
  const managers = four.running.nodes.filter(({ alive }) => alive).map(({ node }) => node.stateManager), at = height(Math.min(...managers.map((manager) => manager.latest().height)));
  expect(managers).toHaveLength(2);
  expect(new Set(managers.map((manager) => Buffer.from(manager.fullHash(at)!).toString("hex"))).size).toBe(1);
  network.startNode(nodes[1]!);
  expect(await waiting).toBe(2n);
  expect((await readAt()).module).toBe(before.module);
});
