import { HttpAgent, polling } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { counterActor } from "../canisters/install.ts";
import { counterProject, startHere } from "../cli/project.ts";
import { onPseudoTerminal, WITHOUT_PSEUDO_TERMINAL } from "../cli/pseudoTerminal.ts";
import { icx, temporaryFolder } from "../cli/run.ts";

const A_SECOND = 20, one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
interface Load { readonly failures: readonly unknown[]; readonly sent: number; readonly open: number; /** Sends for so long; what it sent may be open then. */ run(ms: number): Promise<void>; /** Waits until everything has an answer. */ settled(): Promise<void>; count(): Promise<bigint> }

/** Twenty updates a second over HTTP, whether the ones before are answered or not. */
function loadOn(url: string, rootKey: Uint8Array, canister: Principal): Load {
  const agent = HttpAgent.createSync({ host: url, rootKey: Uint8Array.from(rootKey), retryTimes: 0 }), failures: unknown[] = [], open = new Set<Promise<void>>();
  let sent = 0;
  /** One update to its end: 202 means that the answer is to be polled for, as an agent does. Signatures are looked at by the last reading. */
  const update = async (): Promise<void> => {
    const { response, requestId } = await agent.call(canister, { methodName: "increment", arg: one, callSync: true });
    if (response.status === 202) await polling.pollForResponse(agent, canister, requestId, { strategy: polling.strategy.chain(polling.strategy.backoff(200, 1), polling.strategy.timeout(60_000)), blsVerify: async () => true });
    else if (response.status !== 200) throw new RangeError(`HTTP ${response.status}`);
  };
  return {
    failures,
    get sent() { return sent; },
    get open() { return open.size; },
    async run(ms) {
      for (const end = performance.now() + ms; performance.now() < end; await delay(1_000 / A_SECOND)) {
        sent++;
        const asked = update().catch((error: unknown) => { failures.push(error); }).finally(() => { open.delete(asked); });
        open.add(asked);
      }
    },
    async settled() { while (open.size > 0) await Promise.all(open); },
    count: () => counterActor(agent, canister).get(),
  };
}
interface Plug { pull(place: 0 | 1): Promise<void>; back(place: 0 | 1): Promise<void> }

/** One node goes: nobody notices. A second one: updates wait, queries answer. Both come back: everything ends, nothing twice. */
async function pullThePlug(load: Load, plug: Plug): Promise<void> {
  await load.run(500);
  await plug.pull(0);
  await load.run(1_000);
  await load.settled();
  expect([load.failures, await load.count()]).toEqual([[], BigInt(load.sent)]);
  await plug.pull(1);
  const before = load.sent;
  await load.run(1_000);
  // What was under way when the second one went may have its answer still; from then on nothing has.
  const waiting = load.open;
  expect(waiting).toBeGreaterThan((load.sent - before) / 2);
  expect(await load.count()).toBeLessThanOrEqual(BigInt(load.sent - waiting));
  expect(load.open).toBeGreaterThanOrEqual(waiting);
  await plug.back(0);
  await plug.back(1);
  await load.settled();
  expect([load.failures, await load.count()]).toEqual([[], BigInt(load.sent)]);
}

interface Facts { readonly url: string; readonly rootKey: string }
async function deployed(folder: string): Promise<{ readonly load: Load; readonly ids: readonly string[] }> {
  const run = async (...argv: readonly string[]): Promise<unknown> => { const ran = await icx(folder, [...argv, "--json"]); expect(ran.code, ran.stdout).toBe(0); return ran.json; };
  const { canisters: [counter] } = await run("deploy") as { readonly canisters: readonly { readonly id: string }[] }, { api_url: url, root_key: rootKey } = await run("network", "status") as { readonly api_url: string; readonly root_key: string };
  const { nodes } = await run("node", "list") as { readonly nodes: readonly { readonly id: string; readonly subnetType: string }[] }, facts: Facts = { url, rootKey };
  return { load: loadOn(facts.url, Buffer.from(facts.rootKey, "hex"), Principal.fromText(counter!.id)), ids: nodes.filter(({ subnetType }) => subnetType === "application").map(({ id }) => id) };
}

test("four nodes under load: `icx node stop` one and another one, and start them again", { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const network = await startHere(folder.path, ["--nodes", "4", "--port", "0", "--ephemeral"]);
  try {
    const { load, ids } = await deployed(folder.path), node = async (verb: string, place: number): Promise<void> => { expect(await icx(folder.path, ["node", verb, ids[place]!, "--json"])).toMatchObject({ code: 0 }); };
    await pullThePlug(load, { pull: (place) => node("stop", place), back: (place) => node("start", place) });
  } finally { expect(await network.stop()).toBe(0); }
});

test("four nodes under load: the same by keys in the live view, on a pseudo-terminal", { timeout: 120_000 }, async (context) => {
  if (WITHOUT_PSEUDO_TERMINAL !== undefined) { process.stderr.write(`live view: skipped, ${WITHOUT_PSEUDO_TERMINAL}\n`); context.skip(WITHOUT_PSEUDO_TERMINAL); }
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const terminal = onPseudoTerminal(["start", "--nodes", "4", "--port", "0", "--ephemeral"], folder.path, { PATH: process.env["PATH"], HOME: folder.path, ICX_HOME: `${folder.path}/.icx-home` });
  try {
    const screen = await terminal.shows(/1 \S+ answers[\s\S]*4 \S+ running/, 60_000);
    expect(screen.split("\n").filter((line) => line.length > 80 && !line.includes("State:") && !line.includes("http://"))).toEqual([]);
    const { load } = await deployed(folder.path), press = async (place: number, state: string): Promise<void> => { terminal.type(String(place + 1)); await terminal.shows(new RegExp(`${place + 1} \\S+ ${state}`)); };
    await pullThePlug(load, { pull: (place) => press(place, "stopped"), back: (place) => press(place, "(running|answers)") });
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(0);
  } finally { terminal.kill(); }
});
