import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { counterModule } from "../../test/canisters/assemble.ts";
import { createAndInstall } from "../../test/canisters/install.ts";
import { Connection, preparedPost } from "./connection.ts";
import { anonymous, certificateOf, envelope } from "./envelopes.ts";
import { type BenchPart, type BenchRow, median } from "./row.ts";
import { startServer } from "./serverProcess.ts";

/** Updates that are measured, and those before: a first hundred runs code that is not compiled yet. */
const MEASURED = 60, WARM_UP = 100;
const TARGETS = [[1, 8], [4, 60], [13, 150]] as const;

/** Milliseconds from submit to certificate, one client after the other: full cryptography, every node its own journal on disk. */
async function updateTime(nodes: number): Promise<number | undefined> {
  const server = await startServer(nodes);
  try {
    const agent = await HttpAgent.create({ host: server.url, rootKey: server.rootKey }), canister = await createAndInstall(agent, server.effectiveCanisterId, await counterModule());
    const connection = await Connection.open(server.url), times: number[] = [];
    let right = true;
    for (let i = 0; i < WARM_UP + MEASURED; i++) {
      const { body } = envelope(anonymous, "call", canister.toUint8Array(), "increment", new Uint8Array(IDL.encode([IDL.Nat], [1n])));
      const prepared = preparedPost(server.url, `/api/v4/canister/${canister.toText()}/call`, body), start = performance.now();
      right &&= certificateOf(await connection.post(prepared)) !== undefined;
      times.push(performance.now() - start);
    }
    connection.close();
    return right ? median(times.slice(WARM_UP)) : undefined;
  } finally { await server.close(); }
}

/** What agreement costs: an update on subnets of one, four and thirteen virtual nodes in one process. */
export const part: BenchPart = {
  ids: TARGETS.map(([nodes]) => `update.p50.n${nodes}.ms`),
  async run() {
    const rows: BenchRow[] = [];
    for (const [nodes, target] of TARGETS) {
      const value = await updateTime(nodes), first = rows[0]?.value;
      rows.push({ id: `update.p50.n${nodes}.ms`, value, unit: "ms", target, ...(value !== undefined && first !== undefined && { baseline: first, ratio: value / first }), note: nodes === 1 ? "one node" : `${nodes} nodes a subnet; baseline: one node` });
    }
    return rows;
  },
};
