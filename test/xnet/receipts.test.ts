import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createClient } from "../../src/client/createClient.ts";
import { startNetwork } from "../../src/index.ts";
import { type Receipt, beginReceipts, readReceipt, totalsOf } from "../../src/operations/receipt.ts";
import { assemble } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";

test("a receipt follows calls to another subnet and back, and adds up over both", async () => {
  await using network = await startNetwork({ subnets: [{ type: "application" }, { type: "application" }] });
  const { url, rootKey } = network, [here, there] = network.subnets.filter(({ type }) => type === "application").map(({ effectiveCanisterId }) => effectiveCanisterId);
  const target = { name: "two", url, rootKey, managed: true, fetch: ((input, init) => network.fetch(new Request(input, init))) as typeof fetch, ownerFetch: ((input, init) => network.ownerFetch(new Request(input, init))) as typeof fetch };
  const agent = HttpAgent.createSync({ host: url, fetch: target.fetch, rootKey }), module = await assemble(readFileSync(new URL("../canisters/nested.wat", import.meta.url), "utf8"));
  const ids = [await createAndInstall(agent, here!, module), await createAndInstall(agent, there!, module), await createAndInstall(agent, here!, module)];
  const client = createClient(target, { name: "anonymous", principal: Principal.anonymous().toText(), sign: () => new Uint8Array() });
  const balances = async (): Promise<readonly bigint[]> => await Promise.all(ids.map(async (id) => {
    const answer = await client.query(id.toText(), "balance", Uint8Array.from(IDL.encode([], [])));
    return answer.kind === "reply" ? Buffer.from(answer.value.reply).readBigUInt64LE(0) : expect.unreachable(answer.rejection.message);
  }));
  const through = (...canisters: readonly Principal[]): Uint8Array => { const [next, ...rest] = canisters; return next === undefined ? new Uint8Array() : Uint8Array.from(Buffer.concat([next.toUint8Array(), Uint8Array.of(5), Buffer.from("relay"), through(...rest)])); };
  const before = await balances();
  await beginReceipts(target);
  const answer = await client.update(ids[0]!.toText(), "relay", through(ids[1]!, ids[2]!));
  if (answer.kind === "reject") expect.unreachable(answer.rejection.message);
  const receipt: Receipt = await readReceipt(target, answer.value.requestId), after = await balances();
  const chain = [receipt.root, receipt.root.calls[0]!, receipt.root.calls[0]!.calls[0]!];
  expect(chain.map(({ canister, outcome, attached, accepted }) => [canister, outcome, attached, accepted])).toEqual(ids.map((id, place) => [id.toText(), "replied", ...(place === 0 ? ["0", "0"] : ["1000", "600"])]));
  expect(chain.map(({ canister, balance }) => BigInt(balance) - BigInt(receipt.idle[canister]!))).toEqual(after.map((balance, place) => balance - before[place]!));
  expect(-totalsOf(receipt).balance).toBe(totalsOf(receipt).charged + totalsOf(receipt).idle);
}, 60_000);
