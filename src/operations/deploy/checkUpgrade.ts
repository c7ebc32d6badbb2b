import type { BuiltCanister } from "../../build/builder.ts";
import { moduleMetadata } from "../../build/moduleMetadata.ts";
import type { CandidInterface } from "../../client/candidType.ts";
import { parseDid } from "../../client/didParser.ts";
import { brokenMethods, type BrokenMethod } from "../../client/interfaceChanges.ts";
import type { CommandContext } from "../../context/context.ts";
import type { Project } from "../../context/project.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { Connection } from "../connect.ts";

/** Metadata that Motoko's compiler writes: the types of stable variables, and that main memory survives upgrades. */
const STABLE_TYPES = "motoko:stable-types", KEEPS_MEMORY = "enhanced-orthogonal-persistence";
const LINES_SHOWN_MAX = 40;

/** An upgrade that is about to happen. */
export interface Upgrade { readonly name: string; readonly id: string; readonly built: Pick<BuiltCanister, "wasm" | "candid" | "stableTypes">; readonly project: Pick<Project, "root" | "motoko">; /** Breaking callers has been agreed to. */ readonly yes: boolean }

/**
 * Compares the new module with the one that runs: a broken interface needs the user's word, stable variables that would be lost are refused. Says whether main memory is kept. Nothing is changed.
 * @throws IcxError ICX6006, ICX6007, ICX6008
 */
export async function checkUpgrade({ io, ui }: Pick<CommandContext, "io" | "ui">, { client }: Pick<Connection, "client">, { name, id, built, project, yes }: Upgrade): Promise<{ readonly keepsMemory: boolean }> {
  const [service, stableTypes, keeps] = await client.readCanister(id, [["metadata", "candid:service"], ["metadata", STABLE_TYPES], ["metadata", KEEPS_MEMORY]]);
  const next = moduleMetadata(built.wasm);
  await checkInterface({ ui }, name, service, built.candid, yes);
  if (keeps !== undefined && !next.has(KEEPS_MEMORY)) throw new IcxError(ERRORS.canister.losesMemory, { name });
  await checkStableTypes(name, stableTypes, next.get(STABLE_TYPES) ?? (built.stableTypes === undefined ? undefined : Buffer.from(built.stableTypes)), project, io.env);
  return { keepsMemory: keeps !== undefined };
}

async function checkInterface({ ui }: Pick<CommandContext, "ui">, name: string, runs: Uint8Array | undefined, next: string | undefined, yes: boolean): Promise<void> {
  const before = runs === undefined ? undefined : readable(text(runs)), after = next === undefined ? undefined : readable(next);
  if (before === undefined || after === undefined) return; // nothing to compare: one of them publishes no interface
  const broken = brokenMethods(before, after);
  if (broken.length === 0) return;
  const changes = broken.map(changeText).join("\n"), refusal = new IcxError(ERRORS.canister.incompatibleInterface, { name, changes }, { details: { canister: name, broken } });
  if (yes) { ui.report({ kind: "warning", text: refusal.message }); return; }
  try { await ui.confirm(`${refusal.message}\nUpgrade ${name} nevertheless?`); } catch (error) { throw error instanceof IcxError && error.code === ERRORS.arguments.needsConfirmation.code ? refusal : error; }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
/** An interface that cannot be read is compared with nothing. */
function readable(did: string): CandidInterface | undefined {
  try { return parseDid(did); } catch { return undefined; }
}
const changeText = ({ method, before, after, reason }: BrokenMethod): string => `  ${method}: ${reason}\n    runs: ${before}\n    new:  ${after ?? "(none)"}`;

async function checkStableTypes(name: string, runs: Uint8Array | undefined, next: Uint8Array | undefined, project: Pick<Project, "root" | "motoko">, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (runs === undefined || next === undefined || Buffer.compare(runs, next) === 0) return;
  const before = text(runs), after = text(next), { stableTypesProblem } = await import("../../build/stableTypes.ts"), problem = await stableTypesProblem(before, after, project, env);
  if (problem !== undefined) throw new IcxError(ERRORS.canister.incompatibleState, { name, problem, before: shown(before), after: shown(after) }, { details: { canister: name, before, after } });
}

function shown(types: string): string {
  const lines = types.trim().split("\n");
  return lines.length <= LINES_SHOWN_MAX ? lines.join("\n") : [...lines.slice(0, LINES_SHOWN_MAX), `… (${lines.length - LINES_SHOWN_MAX} more lines)`].join("\n");
}
