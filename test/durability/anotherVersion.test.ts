import { HttpAgent } from "@dfinity/agent";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { seal } from "../../src/replica/consensus/artifact.ts";
import { decodeArtifact } from "../../src/replica/consensus/artifactRows.ts";
import { certificationRow } from "../../src/replica/consensus/artifacts/certification.ts";
import type { JournalEntry } from "../../src/replica/interfaces/stateManager.ts";
import { openStore } from "../../src/replica/stateManager/openStore.ts";
import { type Hash, height } from "../../src/replica/types/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { type Counter, counterActor, createAndInstall } from "../canisters/install.ts";

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "icx-version-")); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const agentOf = (network: Network): HttpAgent => HttpAgent.createSync({ host: network.url, rootKey: network.rootKey, fetch: (input, init) => network.fetch(new Request(input as string, init)), verifyQuerySignatures: false });
const warnings: string[] = [];
const start = (stateDir: string): Promise<Network> => { warnings.length = 0; return startNetwork({ stateDir, onEvent: (event) => { if (event.kind === "warning") warnings.push(event.text); } }); };
const inverted = (value: Uint8Array): Hash<"StateRoot"> => value.map((byte) => byte ^ 0xff) as Hash<"StateRoot">;

/** A version that computed other states from a height on leaves other certified roots in its journal. */
function computedOtherwise({ id, bytes }: JournalEntry): JournalEntry {
  const artifact = decodeArtifact(bytes);
  if (!artifact.ok || artifact.value.kind !== "certification") return { id, bytes };
  const other = seal(certificationRow, artifact.value.height, { hash: inverted(artifact.value.hash), signature: artifact.value.signature });
  return { id: other.id, bytes: other.bytes };
}

/** The same journal as version `icx` wrote it, with other states from `first` on. */
async function rewrite(directory: string, icx: string, first: number): Promise<void> {
  const old = await openStore(directory), heights = old.heights(height(0)), records = old.records("");
  await old.close();
  rmSync(directory, { recursive: true });
  const store = await openStore(directory, { icx });
  for (const [key, value] of records) store.putRecord(key, value);
  for (const { height: at, entries } of heights) store.putHeight(at, at < first ? entries : entries.map(computedOtherwise));
  await store.flushed();
  await store.close();
}

test("a journal whose states this version computes otherwise is told once, kept as it was, and gone on from; nothing is lost", { timeout: 60_000 }, async () => {
  const stateDir = join(folder, "state"), crashed = join(folder, "crashed");
  const first = await start(stateDir), agent = agentOf(first), canister = await createAndInstall(agent, first.defaultEffectiveCanisterId, await counterModule());
  const counterOf = (network: Network): Counter => counterActor(agentOf(network), canister);
  for (let i = 0; i < 5; i++) await counterOf(first).increment(1n);
  const changed = first.subnets[1]!.height;
  for (let i = 0; i < 5; i++) await counterOf(first).increment(1n);
  cpSync(stateDir, crashed, { recursive: true }); // as a crash leaves it: no checkpoint
  await first.stop();
  const application = join(crashed, "subnets", first.subnets[1]!.id);

  const kept = join(folder, "kept");
  cpSync(crashed, kept, { recursive: true });
  await rewrite(application, "0.0.9", Infinity);
  const same = await start(crashed);
  expect([warnings, await counterOf(same).get()]).toEqual([[], 10n]); // another version, the same states: nothing to say
  await same.stop();
  rmSync(crashed, { recursive: true });

  cpSync(kept, crashed, { recursive: true });
  await rewrite(application, "0.0.9", changed);
  const second = await start(crashed), aside = `${application}-before-height-${changed}`;
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`from height ${changed} on icx .* computes another state than icx 0\\.0\\.9, which wrote it.*kept in ${aside}\\.$`))]);
  expect(second.subnets[1]!.certifiedHeight).toBe(second.subnets[1]!.height); // the new state is certified before anybody asks
  expect(await counterOf(second).get()).toBe(10n);
  expect(await counterOf(second).increment(1n)).toBe(11n);
  const old = await openStore(aside);
  expect(old.heights(height(0)).at(-1)?.icx).toBe("0.0.9");
  expect(old.load()).toEqual({ ok: true, value: undefined }); // what that version needs to go on by itself
  await old.close();
  await second.stop();

  const third = await start(crashed);
  expect([warnings, await counterOf(third).get()]).toEqual([[], 11n]);
  await third.stop();
});
