import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Project, ProjectCanister } from "../context/project.ts";
import { motokoKey } from "./motokoKey.ts";
import { readMotokoProgram } from "./motokoProgram.ts";
import type { MotokoAnswer, MotokoJob } from "./motokoWorker.ts";
import { mayHaveNativeMoc } from "./nativeMoc.ts";
import { hasShared, sharedCacheFolder } from "./sharedCache.ts";

const STACK_MB = 64; // the compiler is OCaml turned into JavaScript and recurses deeply on long programs
const YOUNG_GENERATION_MB = 128; // it makes garbage fast: a fifth less time than with V8's default

function start(): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./motokoWorker.ts" : "./motokoWorker.js";
  return new Worker(new URL(file, import.meta.url), { resourceLimits: { stackSizeMb: STACK_MB, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB }, stdout: true, stderr: true });
}

/** A thread that has loaded the compiler (half a second) and waits for its one program. */
let warm: Worker | undefined;

/** Compiles one program with the compiler that comes with icx, in a thread of its own: a compiler that has compiled before gives other bytes. */
export function compileMotoko(job: MotokoJob): Promise<MotokoAnswer> {
  const worker = warm ?? start();
  warm = undefined;
  worker.ref();
  return new Promise<MotokoAnswer>((resolve) => {
    worker.once("message", (answer: MotokoAnswer) => resolve(answer));
    worker.once("error", (error: unknown) => resolve({ kind: "crash", reason: error instanceof Error ? error.message : String(error) }));
    worker.once("exit", (code) => resolve({ kind: "crash", reason: `the thread ended with code ${code}` }));
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

/** Begins to load the compiler when a canister has never been built, here or elsewhere, and no other compiler is in sight; the thread keeps no process alive. */
export function warmCompiler(project: Pick<Project, "root" | "canisters" | "motoko">, env: Readonly<Record<string, string | undefined>>): void {
  const isNew = ({ name, recipe }: ProjectCanister): boolean => recipe.kind === "motoko" && !existsSync(join(project.root, ".icx", "build", name, `${name}.wasm`));
  const candidates = warm === undefined && !mayHaveNativeMoc(project, env) ? project.canisters.filter(isNew) : [], folder = sharedCacheFolder(env);
  if (candidates.every((canister) => folder !== undefined && isShared(project, canister, folder))) return;
  warm = start();
  warm.unref();
  warm.once("error", () => { warm = undefined; }); // who asks for it next starts one, and is told
}

/** Whether another project has compiled the same; not known of programs that import canisters, whose ids belong to the project. */
function isShared(project: Pick<Project, "root" | "motoko">, canister: ProjectCanister, folder: string): boolean {
  const { recipe } = canister;
  if (recipe.kind !== "motoko") return false;
  const program = readMotokoProgram(project, canister, recipe);
  return program.canisters.length === 0 && !program.usesManagement && hasShared(folder, motokoKey(program, recipe, [], undefined));
}
