import { HttpAgent } from "@dfinity/agent";
import type { Principal } from "@dfinity/principal";
import { EventEmitter, once } from "node:events";
import type { Network, NetworkEvent, NetworkOptions } from "../../src/index.ts";
import { startNetworkOn } from "../../src/replica/internetComputer.ts";
import type { RunningSubnet } from "../../src/replica/runningSubnet.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { principalFromText } from "../../src/replica/types/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

type EventOf<Kind extends NetworkEvent["kind"]> = Extract<NetworkEvent, { readonly kind: Kind }>;
export const agentFor = (network: Network): HttpAgent =>
  HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey });
export const application = (network: Network): Network["subnets"][number] => network.subnets.find(({ type }) => type === "application")!;

/** A network whose application subnet has four nodes and a counter, the root subnet one; with many short intervals. */
export interface FourNodes extends AsyncDisposable {
  readonly network: Network;
  /** Behind the doors: for those who lie. */
  readonly running: RunningSubnet;
  readonly agent: HttpAgent;
  readonly canister: Principal;
  /** All events but blocks. */
  readonly seen: readonly NetworkEvent[];
  /** Batches that a node executed since it began, by its id's text. */
  executed(node: string): number;
  /** One more, and what it is then: waits for as long as it takes. */
  increment(): Promise<bigint>;
  reach(height: number): Promise<void>;
  next<Kind extends NetworkEvent["kind"]>(kind: Kind): Promise<EventOf<Kind>>;
}

export async function startFourNodes(options: NetworkOptions = {}): Promise<FourNodes> {
  const events = new EventEmitter(), seen: NetworkEvent[] = [], executed = new Map<string, number>();
  const { network, subnets } = await startNetworkOn(createRealRuntime(undefined), {
    subnets: [{ type: "application", nodes: 4 }], idleBlockIntervalMs: 5, dkgInterval: { heights: 10, ms: 0 }, ...options,
    log: ({ room, event, node }) => { if (room === "commit" && event === "committed" && typeof node === "string") executed.set(node, (executed.get(node) ?? 0) + 1); },
    onEvent(event) { if (event.kind !== "block") seen.push(event); events.emit(event.kind, event); },
  });
  const agent = agentFor(network), canister = await createAndInstall(agent, application(network).effectiveCanisterId, await counterModule());
  return {
    network, running: subnets[1]!, agent, canister, seen,
    executed: (node) => executed.get(principalFromText(node)!) ?? 0,
    increment: () => counterActor(agent, canister).increment(1n),
    async reach(height) { while (application(network).height < height) await once(events, "block"); },
    async next(kind) { return (await once(events, kind))[0] as never; },
    [Symbol.asyncDispose]: () => network.stop(),
  };
}
