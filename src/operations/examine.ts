import type { CommandContext, Shown } from "../context/context.ts";
import type { Project } from "../context/project.ts";
import { IcxError } from "../errors/icxError.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";
import { table } from "../ui/table.ts";
import { cache } from "./doctor/cache.ts";
import { cargo } from "./doctor/cargo.ts";
import type { Check, Finding } from "./doctor/check.ts";
import { disk } from "./doctor/disk.ts";
import { identity } from "./doctor/identity.ts";
import { lock } from "./doctor/lock.ts";
import { moc } from "./doctor/moc.ts";
import { mops } from "./doctor/mops.ts";
import { networks } from "./doctor/networks.ts";
import { node } from "./doctor/node.ts";
import { ports } from "./doctor/ports.ts";
import { project } from "./doctor/project.ts";
import { state } from "./doctor/state.ts";
import { wasmTarget } from "./doctor/wasmTarget.ts";
import { networkHome } from "./startLocalNetwork.ts";

/** Every check of `icx doctor`, in the order of its report. */
export const CHECKS: readonly Check[] = [node, project, moc, cache, mops, cargo, wasmTarget, ports, lock, disk, state, identity, networks];

/** `icx doctor`: all checks at once; `healthy` when none failed. */
export async function examine(context: CommandContext): Promise<{ readonly healthy: boolean; readonly report: Shown }> {
  const ground = { context, project: readableProject(context), place: networkHome(context).place };
  const findings = await Promise.all(CHECKS.map(async ({ name, run }) => ({ name, ...await run(ground).catch(unforeseen) })));
  const rows = findings.map(({ name, state: found, detail }) => [found === "failed" ? "FAILED" : found, name, detail]), lines = table(rows).split("\n");
  return {
    healthy: findings.every(({ state: found }) => found !== "failed"),
    report: { text: findings.map((finding, index) => (finding.state === "failed" ? `${lines[index]!}\n        ${finding.remedy}` : lines[index]!)).join("\n"), data: { healthy: findings.every(({ state: found }) => found !== "failed"), checks: findings } },
  };
}

function readableProject({ io, options }: CommandContext): Project | undefined {
  try { return findProjectRoot({ io, options }) === undefined ? undefined : loadProject({ io, options }); } catch (error) {
    if (error instanceof IcxError) return undefined; // a check of its own tells
    throw error;
  }
}

const unforeseen = (error: unknown): Finding => ({ state: "failed", detail: error instanceof Error ? error.message : String(error), remedy: "This check could not be made; the command that needs it will say more." });
