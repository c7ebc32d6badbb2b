import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** An actor that flags give a name to. `id`: known when it is compiled; `variable`: an environment variable of the canister, read when it runs. */
export interface ActorAlias { readonly alias: string; readonly id?: string; readonly variable?: string; /** File of its interface, absolute. */ readonly did?: string }

/** The flags of moc (`moc --help`), sorted by what they are about. */
export interface MotokoFlags {
  readonly packages: Readonly<Record<string, string>>;
  readonly aliases: readonly ActorAlias[];
  /** Folder of `--actor-idl`, absolute. */
  readonly idlFolder?: string;
  readonly metadata: readonly string[];
  /** All others, in order. */
  readonly others: readonly string[];
}

/** What the flags say; relative paths begin at `root`, and files of `--args` are read. */
export function motokoFlags(args: readonly string[], root: string): MotokoFlags {
  const words = args.flatMap((word, at) => (word === "--args" ? fileOfFlags(root, args[at + 1]) : args[at - 1] === "--args" ? [] : [word]));
  const packages: Record<string, string> = {}, aliases: ActorAlias[] = [], metadata: string[] = [], others: string[] = [];
  let idlFolder: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const [flag = "", first = "", second = "", third = ""] = words.slice(at, at + 4);
    switch (flag) {
      case "--package": packages[first] = resolve(root, second); at += 2; break;
      case "--actor-alias": aliases.push({ alias: first, id: second }); at += 2; break;
      case "--actor-id-alias": aliases.push({ alias: first, id: second, did: resolve(root, third) }); at += 3; break;
      case "--actor-env-alias": aliases.push({ alias: first, variable: second, did: resolve(root, third) }); at += 3; break;
      case "--actor-idl": idlFolder = resolve(root, first); at += 1; break;
      case "--public-metadata": metadata.push(first); at += 1; break;
      default: others.push(flag);
    }
  }
  return { packages, aliases, metadata, others, ...(idlFolder === undefined ? {} : { idlFolder }) };
}

/** One flag a line, as moc reads them. */
function fileOfFlags(root: string, file: string | undefined): string[] {
  const path = file === undefined ? undefined : resolve(root, file);
  return path === undefined || !existsSync(path) ? [] : readFileSync(path, "utf8").split(/\r?\n/).filter((line) => line !== "");
}

/** Flags of moc that choose among things of which the compiler that comes with icx has one: they change nothing there. */
const WITHOUT_EFFECT = new Set(["-c", "--idl", "--stable-types", "--release", "--debug", "--incremental-gc", "--generational-gc", "--compacting-gc", "--copying-gc", "--force-gc", "--enhanced-orthogonal-persistence", "-no-check-ir"]);

/** Flags that are passed to the compiler that comes with icx. */
export const bundledCompilerFlags = (others: readonly string[]): readonly string[] => others.filter((flag) => !WITHOUT_EFFECT.has(flag));
