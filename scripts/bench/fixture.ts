import { HttpAgent } from "@dfinity/agent";
import { startNetwork } from "../../src/index.ts";
import { counterModule } from "../../test/canisters/assemble.ts";
import { counterActor, createAndInstall } from "../../test/canisters/install.ts";
import { type BenchPart, median, timed } from "./row.ts";

/** A fresh embedded network, two canisters, two updates, three queries: what one test of a dapp needs. */
async function fixture(module: Uint8Array, verified: boolean): Promise<boolean> {
  await using network = await startNetwork();
  const agent = HttpAgent.createSync({ host: network.url, fetch: fetchOf(network.fetch), rootKey: network.rootKey, verifyQuerySignatures: verified });
  const ids = [await createAndInstall(agent, network.defaultEffectiveCanisterId, module), await createAndInstall(agent, network.defaultEffectiveCanisterId, module)];
  const counters = ids.map((id) => counterActor(agent, id));
  const answers = [await counters[0]!.increment(2n), await counters[1]!.increment(3n), await counters[0]!.get(), await counters[1]!.get(), await counters[0]!.get()];
  return answers.join() === "2,3,2,3,2";
}
const fetchOf = (handler: (request: Request) => Promise<Response>): typeof fetch => (input, init) => handler(new Request(input as string, init));

export const part: BenchPart = {
  ids: ["fixture.ms", "fixture.verified.ms"],
  async run() {
    const module = await counterModule();
    const measure = async (run: () => Promise<boolean>): Promise<number | undefined> => {
      const times: number[] = [];
      let right = await run();
      for (let i = 0; i < 7; i++) times.push(await timed(async () => { right &&= await run(); }));
      return right ? median(times) : undefined;
    };
    const { decodedFixture } = await import("./decodedFixture.ts");
    return [
      { id: "fixture.ms", value: await measure(() => decodedFixture(module)), unit: "ms", target: 150, note: "certificates decoded, not verified" },
      { id: "fixture.verified.ms", value: await measure(() => fixture(module, true)), unit: "ms", note: "every certificate verified by @dfinity/agent" },
    ];
  },
};
