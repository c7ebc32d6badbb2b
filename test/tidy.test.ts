import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

/** Layers from the ground up. A file may import from its own folder and from folders on a lower line; siblings share a line. */
const LAYERS: readonly (readonly string[])[] = [
  ["replica/types"],
  ["replica/params", "replica/runtime"],
  ["replica/codec"],
  ["replica/crypto", "replica/hashTree"],
  ["replica/state"],
  ["replica/registry"],
  ["replica/interfaces"],
  ["replica/execution", "replica/messaging", "replica/consensus", "replica/certification", "replica/stateManager", "replica/ingress", "replica/gossip", "replica/systemCanisters", "replica/http"],
  ["replica"],
  ["index.ts"],
  ["errors", "context"],
  ["ui", "project", "identity", "build", "client", "network", "templates"],
  ["operations"],
  ["commands"],
  ["cli.ts"],
];
/** Doors that lower rooms may see: types only, so no cycle of values can arise. */
const DOORS = ["src/replica/interfaces/"];
/** Which rooms may import a package (design §3.7, "Dependencies"). */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  ink: ["ui"], react: ["ui"], commander: ["commands", "cli.ts"], execa: ["build", "network"], "@dfinity/agent": ["client"],
  "mcl-wasm": ["replica/crypto"], motoko: ["build"], "@icp-sdk/bindgen": ["client"],
  yaml: ["project"], handlebars: ["project"], "smol-toml": ["project", "build"], "motoko-base": ["build"],
};
const LINES_MAX = 400;

const sources = (root: string): string[] => (existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [])
  .map((file) => join(root, file)).filter((file) => file.endsWith(".ts") && !file.includes("/templates/") && !file.includes("/generated/"));
const files = sources("src").sort();
const text = new Map([...files, ...sources("test"), ...sources("scripts")].map((file) => [file, readFileSync(file, "utf8")]));
const code = (file: string): string => text.get(file)!.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1");

const belongs = (file: string, folder: string): boolean => (folder.endsWith(".ts") ? file === `src/${folder}` : file.startsWith(`src/${folder}/`));
const rank = (file: string): number => {
  const exact = LAYERS.findIndex((line) => line.some((folder) => folder !== "replica" && belongs(file, folder)));
  return exact >= 0 ? exact : LAYERS.findIndex((line) => line.some((folder) => belongs(file, folder)));
};
const home = (file: string): string | undefined => LAYERS[rank(file)]?.find((folder) => belongs(file, folder));
const specifiers = (file: string): { readonly from: string; readonly typeOnly: boolean }[] =>
  [...code(file).matchAll(/(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?"([^"]+)"|import\("([^"]+)"\)/g)]
    .map((match) => ({ from: match[2] ?? match[3]!, typeOnly: match[1] !== undefined }));
const local = (file: string): { readonly to: string; readonly typeOnly: boolean }[] =>
  specifiers(file).filter(({ from }) => from.startsWith(".")).map(({ from, typeOnly }) => ({ to: normalize(join(dirname(file), from)), typeOnly }));
const replica = files.filter((file) => file.startsWith("src/replica/"));
/** The rooms between the edge and the disk: synchronous, without clock or chance. */
const core = replica.filter((file) => !/^src\/replica\/(runtime|http|stateManager)\//.test(file) && !/^src\/replica\/\w+\.ts$/.test(file));
const offenders = (where: readonly string[], pattern: RegExp): string[] => where.flatMap((file) => {
  const found = code(file).match(pattern);
  return found === null ? [] : [`${file}: ${found[0].trim()}`];
});

describe("walls", () => {
  test("every source file has a home", () => expect(files.filter((file) => rank(file) < 0)).toEqual([]));
  test("imports point downwards only", () => {
    const upward = files.flatMap((file) => local(file)
      .filter(({ to, typeOnly }) => home(to) !== home(file) && rank(to) >= rank(file) && !(typeOnly && DOORS.some((door) => to.startsWith(door))))
      .map(({ to }) => `${file} → ${to}`));
    expect(upward).toEqual([]);
  });
  test("the shell speaks to the replica through src/index.ts, and only the network room imports it", () => {
    const shell = files.filter((file) => !file.startsWith("src/replica/") && file !== "src/index.ts");
    expect(shell.flatMap((file) => local(file).filter(({ to }) => to.startsWith("src/replica/") || (to === "src/index.ts" && home(file) !== "network")).map(({ to }) => `${file} → ${to}`))).toEqual([]);
  });
  test("no import cycle", () => {
    const graph = new Map(files.map((file) => [file, local(file).filter(({ typeOnly }) => !typeOnly).map(({ to }) => to)]));
    const done = new Set<string>(), cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) { cycles.push([...path.slice(path.indexOf(file)), file].join(" → ")); return; }
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
  test("packages stay in their rooms", () => {
    const strayed = files.flatMap((file) => specifiers(file).filter(({ from }) => {
      const rooms = PACKAGE_HOMES[Object.keys(PACKAGE_HOMES).find((name) => from === name || from.startsWith(`${name}/`)) ?? ""];
      return rooms !== undefined && !rooms.some((room) => belongs(file, room));
    }).map(({ from }) => `${file} → ${from}`));
    expect(strayed).toEqual([]);
  });
});

describe("the core", () => {
  test("reads no host clock and no host randomness, and waits for nothing", () =>
    expect(offenders(core, /Date\.now\(|new Date\(|Math\.random\(|setTimeout\(|setInterval\(|setImmediate\(|performance\.now|process\.hrtime|randomBytes\(|getRandomValues/)).toEqual([]));
  test("is synchronous (loading the fast curve library aside)", () =>
    expect(offenders(core.filter((file) => !file.endsWith("crypto/loadFastBls.ts")), /\basync\b|\bawait\b/)).toEqual([]));
  test("touches no files", () =>
    expect(offenders(replica.filter((file) => !file.startsWith("src/replica/stateManager/")), /from "node:fs/)).toEqual([]));
});

describe("manners", () => {
  test("failures are coded: no plain Error is thrown", () => expect(offenders(files, /throw new Error\(/)).toEqual([]));
  test("only the shell's streams print", () => expect(offenders(files, /\bconsole\.\w+\(/)).toEqual([]));
  test("no types are forced", () => expect(offenders([...text.keys()].filter((file) => file !== "test/tidy.test.ts"), /\bas any\b|: any\b|@ts-ignore/)).toEqual([]));
  test("what only one kind of system has stays in the files that ask which system this is", () => {
    const asking = ["src/build/runShell.ts", "src/network/processes.ts", "src/replica/stateManager/directoryLock.ts"], others = files.filter((file) => !asking.includes(file));
    expect(offenders(others, /["'`]\/(bin|tmp|usr|proc|dev|etc)\b|\bSIG(HUP|KILL|QUIT|USR\d|STOP|CONT|PIPE|CHLD)\b|\bexecSync\(/)).toEqual([]);
    // Paths are joined by node:path: a template with a slash in it is an address or a name inside an archive.
    const shell = others.filter((file) => !file.startsWith("src/replica/") || file.startsWith("src/replica/stateManager/"));
    expect(offenders(shell, /\b(?:join|resolve|existsSync|readFileSync|writeFileSync|mkdirSync|renameSync|rmSync|statSync|readdirSync)\(`[^`]*\//)).toEqual([]);
  });
  test("nothing is marked unfinished", () => expect([...text.keys()].filter((file) => file !== "test/tidy.test.ts" && /\bTODO\b|\bFIXME\b|\bXXX\b/.test(text.get(file)!))).toEqual([]));
  test("no cellars", () => expect(files.filter((file) => /\/(utils?|common|shared|helpers?|misc|lib)(\/|\.ts$)/.test(file))).toEqual([]));
  test(`a file is one room: at most ${LINES_MAX} lines`, () => expect(files.filter((file) => text.get(file)!.split("\n").length > LINES_MAX)).toEqual([]));
  test("no test is focused or skipped in silence", () => {
    const silenced = sources("test").filter((file) => file !== "test/tidy.test.ts").filter((file) => /\.(only|todo)\(|\.skip\(\s*["'`]/.test(code(file)));
    expect(silenced).toEqual([]);
  });
  test("the repository names no machine and no registry", () => {
    const named = [...text.keys(), "README.md", "package.json", "CHANGELOG.md", ...readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".md")).map((file) => join("docs", file))]
      .filter((file) => existsSync(file) && /\/work\/|registry\.npmjs|\/root\//.test(readFileSync(file, "utf8")));
    expect(named.filter((file) => file !== "test/tidy.test.ts")).toEqual([]);
  });
  test("the lock file holds every package that another one in it asks for, so that `npm ci` takes it", () => {
    const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { readonly packages: Readonly<Record<string, { readonly dependencies?: object; readonly optionalDependencies?: object }>> };
    const found = (from: string, name: string): boolean => `${from === "" ? "" : `${from}/`}node_modules/${name}` in packages || (from !== "" && found(from.slice(0, Math.max(0, from.lastIndexOf("node_modules/") - 1)), name));
    expect(Object.entries(packages).flatMap(([at, { dependencies, optionalDependencies }]) => Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !found(at, name)).map((name) => `${at}: ${name}`))).toEqual([]);
  });
});

describe("docs", () => {
  const documents = ["README.md", "CHANGELOG.md", ...readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".md")).map((file) => join("docs", file))];
  test("every path that a document names exists", () => {
    const missing = documents.filter((file) => existsSync(file)).flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/`((?:src|test|docs|bin|scripts)\/[\w./-]+)`/g)].map((match) => match[1]!).filter((path) => !existsSync(path)).map((path) => `${file}: ${path}`));
    expect(missing).toEqual([]);
  });
  test("every folder of src is in the table of docs/ARCHITECTURE.md", () => {
    const architecture = readFileSync("docs/ARCHITECTURE.md", "utf8");
    const folders = [...readdirSync("src", { withFileTypes: true }), ...readdirSync("src/replica", { withFileTypes: true })].filter((entry) => entry.isDirectory() && entry.name !== "replica").map((entry) => entry.name);
    expect(folders.filter((folder) => !architecture.includes(`\`${folder}/\``))).toEqual([]);
  });
});
