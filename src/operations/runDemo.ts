import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { PROJECT_HOME, projectHome } from "../identity/identityFolder.ts";
import { openIdentity } from "../identity/identityStore.ts";
import { managedTarget } from "../network/findNetwork.ts";
import { networkFolder } from "../network/networkFolder.ts";
import { runNetwork, type RunningNetwork } from "../network/runNetwork.ts";
import { loadProject } from "../project/loadProject.ts";
import { callOn } from "./callCanister.ts";
import { connectTo } from "./connect.ts";
import { createProject } from "./createProject.ts";
import { buildCanisters } from "./buildProject.ts";
import { deployCanisters } from "./deploy/deployCanisters.ts";
import { icxVersion } from "./icxVersion.ts";

const FOLDER = "icx-demo";

/** `icx demo`: from nothing to a certified answer, each step with its time. The network is stopped at the end; its state stays in the project. */
export async function runDemo(context: CommandContext, { folder: asked }: { readonly folder: string | undefined }): Promise<Shown> {
  const { io, ui } = context, name = asked ?? freeName(io.cwd), root = resolve(io.cwd, name);
  const steps: { readonly step: string; readonly ms: number }[] = [], began = performance.now();
  const quiet: CommandContext = { ...context, ui: { ...ui, report: (event) => { if (event.kind === "warning") ui.report(event); } } };
  const step = async <T>(text: string, subject: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now(), result = await orInterrupted(work(), io.interrupted), durationMs = performance.now() - start;
    steps.push({ step: `${text} ${subject}`, ms: Math.round(durationMs) });
    ui.report({ kind: "finished", step: text, subject, durationMs });
    return result;
  };
  await step("Created", `the project ${name}`, () => createProject(context, { name, template: "motoko" }));
  const project = loadProject({ io, options: { ...context.options, projectRoot: root } });
  const starting = runNetwork(networkFolder(root), { port: undefined, ephemeral: false, clean: false, version: icxVersion(context.installation), onEvent: () => undefined });
  let running: RunningNetwork | undefined;
  try {
    const building = buildCanisters(quiet, project, project.canisters); // the compiler works in its own thread while the network starts
    building.catch(() => undefined);
    running = await step("Started", "the network", () => starting);
    const { url, rootKey } = running.descriptor;
    await step("Compiled", "counter (Motoko)", () => building);
    const connection = connectTo(managedTarget(root, running.descriptor), project, openIdentity({ ...io.env, [PROJECT_HOME]: projectHome(root) }), ui.trace);
    const { deployed: [deployed] } = await step("Deployed", "counter", () => deployCanisters(quiet, connection, project, project.canisters, {}));
    const call = (method: string, args: string | undefined): Promise<Shown> =>
      callOn(connection, context, { canister: "counter", method, args, argsFile: undefined, argsFormat: undefined, candid: undefined, query: false, update: false, output: undefined, network: undefined, rootKey: undefined, identity: undefined });
    const update = await step("Called", "counter.increment(1)", () => call("increment", "(1)")), query = await step("Asked", "counter.get()", () => call("get", undefined));
    await step("Saved", "the network's state", () => running!.stop());
    const { requestId, certificate } = update.data as { readonly requestId: string; readonly certificate: Uint8Array };
    const next = [`cd ${name} && icx start --background`, "icx canister call counter increment '(1)'", "icx stop"];
    return {
      text: [`increment(1) = ${update.text}, certified; get() = ${query.text}`, `Canister ${deployed!.id}; the network was at ${url}; ${((performance.now() - began) / 1_000).toFixed(1)} s in all.`, "", "Next:", ...next.map((line) => `  ${line}`)].join("\n"),
      data: { project: name, folder: root, url, canisterId: deployed!.id, steps, totalMs: Math.round(performance.now() - began), update: update.data, query: query.data, requestId, certificate, rootKey, next },
    };
  } finally {
    await (running ?? await starting.catch(() => undefined))?.stop();
  }
}

/** `icx-demo`, or the first of `icx-demo-2`, `icx-demo-3` … that does not exist. */
function freeName(cwd: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? FOLDER : `${FOLDER}-${number}`;
    if (!existsSync(join(cwd, name))) return name;
  }
}

function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) { work.catch(() => undefined); throw new IcxError(ERRORS.internal.interrupted); }
  return new Promise<T>((resolveWork, reject) => {
    const onAbort = (): void => reject(new IcxError(ERRORS.internal.interrupted));
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolveWork, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
