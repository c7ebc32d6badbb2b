import { HttpAgent } from "@dfinity/agent";
import { startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { interopSuite } from "./interopSuite.ts";
import type { InteropTarget } from "./libraries.ts";

type Fetch = InteropTarget["fetch"];
const inProcess = (handler: (request: Request) => Promise<Response>): Fetch => ((input: RequestInfo | URL, init?: RequestInit) => handler(new Request(input, init))) as Fetch;

async function target(socket: boolean): Promise<InteropTarget> {
  const network = await startNetwork();
  const url = socket ? (await network.listen({ port: 0 })).url : network.url;
  const fetch = socket ? (globalThis.fetch as Fetch) : inProcess(network.fetch);
  const agent = HttpAgent.createSync({ host: url, fetch: fetch as typeof globalThis.fetch, rootKey: network.rootKey });
  const canisterId = (await createAndInstall(agent, network.defaultEffectiveCanisterId, await counterModule())).toText();
  return { fetch, url, rootKey: network.rootKey, canisterId, close: () => network.stop() };
}

interopSuite("icx in this process", () => target(false));
interopSuite("icx behind a socket", () => target(true));
