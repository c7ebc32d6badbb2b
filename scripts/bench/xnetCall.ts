import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import type { Principal } from "@dfinity/principal";
import { readFileSync } from "node:fs";
import { assemble, counterModule } from "../../test/canisters/assemble.ts";
import { createAndInstall } from "../../test/canisters/install.ts";
import { Connection, preparedPost } from "./connection.ts";
import { anonymous, certificateOf, envelope } from "./envelopes.ts";
import { type BenchPart, median } from "./row.ts";
import { startServer } from "./serverProcess.ts";

const CALLS = 60, WARM_UP = 20;

/** What a call to another subnet takes beside the same call inside one: three rounds (there, back, the answer) are the floor of the one, one round that of the other. */
export const part: BenchPart = {
  ids: ["xnet.call.ratio", "xnet.call.p50.ms"],
  async run() {
    const server = await startServer(1, 2);
    try {
      const agent = await HttpAgent.create({ host: server.url, rootKey: server.rootKey }), [, here, there] = server.subnets;
      const relay = await createAndInstall(agent, here!, await assemble(readFileSync(new URL("../../test/canisters/relay.wat", import.meta.url), "utf8"), "relay.wat"));
      const near = await createAndInstall(agent, here!, await counterModule()), far = await createAndInstall(agent, there!, await counterModule());
      const connection = await Connection.open(server.url), increment = new Uint8Array(IDL.encode([IDL.Nat], [1n])), method = Buffer.from("increment");
      let right = true;
      const call = async (callee: Principal): Promise<number> => {
        const { body } = envelope(anonymous, "call", relay.toUint8Array(), "relay", new Uint8Array(Buffer.concat([callee.toUint8Array(), Uint8Array.of(method.length), method, increment])));
        const prepared = preparedPost(server.url, `/api/v4/canister/${relay.toText()}/call`, body), start = performance.now();
        right &&= certificateOf(await connection.post(prepared)) !== undefined;
        return performance.now() - start;
      };
      const inside: number[] = [], across: number[] = [];
      for (let i = 0; i < CALLS; i++) { inside.push(await call(near)); across.push(await call(far)); }
      connection.close();
      const one = median(inside.slice(WARM_UP)), other = median(across.slice(WARM_UP));
      return [
        { id: "xnet.call.ratio", value: right ? other / one : undefined, unit: "x", target: 4, note: "a call to another subnet beside one inside a subnet, one node each, over HTTP" },
        { id: "xnet.call.p50.ms", value: right ? other : undefined, unit: "ms", baseline: one, ratio: other / one, note: "submit to certificate in hand; baseline: inside one subnet" },
      ];
    } finally { await server.close(); }
  },
};
