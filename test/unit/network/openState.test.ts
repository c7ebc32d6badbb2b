import { readdirSync } from "node:fs";
import { HttpAgent } from "@dfinity/agent";
import { expect, test } from "vitest";
import { createClient } from "../../../src/client/createClient.ts";
import { networkFolder } from "../../../src/network/networkFolder.ts";
import { openState, type OpenedNetwork } from "../../../src/network/openState.ts";
import { counterModule } from "../../canisters/assemble.ts";
import { createAndInstall } from "../../canisters/install.ts";
import { temporaryFolder } from "../../cli/run.ts";

const SESSIONS = 14, CALLS = 7; // more heights than lie between two summaries
const NOBODY = { name: "anonymous", principal: "2vxsx-fae", sign: () => new Uint8Array() };
const ONE = Uint8Array.from(Buffer.from("4449444c00017d01", "hex")), NOTHING = Uint8Array.from(Buffer.from("4449444c0000", "hex"));

test("many short sessions go on from each other, and leave no more behind than the last summary needs", { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  const warnings: string[] = [];
  const open = (): Promise<OpenedNetwork> => openState(folder.path, { interrupted: new AbortController().signal, note: () => undefined, warn: (text) => warnings.push(text) });
  const files = (): number => readdirSync(networkFolder(folder.path).state, { recursive: true }).length;
  const first = await open(), { target } = first;
  const canister = (await createAndInstall(HttpAgent.createSync({ host: target.url, rootKey: target.rootKey, fetch: target.fetch! }), target.effectiveCanisterId!, await counterModule())).toText();
  await first.close();
  const counts: number[] = [];
  for (let session = 0; session < SESSIONS; session++) {
    const opened = await open(), client = createClient(opened.target, NOBODY);
    expect(opened.here).toBe(true);
    for (let call = 0; call < CALLS; call++) expect(await client.update(canister, "increment", ONE)).toMatchObject({ kind: "reply" });
    await opened.close();
    counts.push(files());
  }
  const last = await open(), answer = await createClient(last.target, NOBODY).query(canister, "get", NOTHING);
  await last.close();
  expect(answer).toMatchObject({ kind: "reply", value: { reply: Uint8Array.from([...Buffer.from("4449444c00017d", "hex"), SESSIONS * CALLS]) } });
  expect(warnings).toEqual([]);
  expect(Math.max(...counts), counts.join(" ")).toBeLessThan(80);
});
