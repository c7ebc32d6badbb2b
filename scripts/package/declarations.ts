import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readManifest, root } from "./checkout.ts";

/** One top-level statement of a declaration file. */
interface Statement { readonly text: string; readonly names: readonly string[] }
/** A name as one file knows it: declared there, or imported from elsewhere under a name of its own. */
interface Origin { readonly file: string; readonly name: string }
interface DeclarationFile { readonly declared: ReadonlyMap<string, Statement>; readonly imported: ReadonlyMap<string, Origin>; readonly exported: ReadonlyMap<string, Origin>; readonly all: readonly string[] }

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const DECLARATION = /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:interface|type|class|function|const|let|enum|namespace)\s+([\w$]+)/;

/** Cuts the compiler's output into statements: it begins each at the start of a line, and a statement ends where its brackets are closed. */
export function statements(text: string): string[] {
  const found: string[] = [];
  let current = "", depth = 0, inComment = false;
  for (const line of text.split("\n")) {
    current += `${line}\n`;
    if (inComment || /^\s*\/\*/.test(line)) { inComment = !line.includes("*/"); continue; }
    const code = line.replace(COMMENT, "").replace(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll("=>", "");
    for (const character of code) depth += "{([<".includes(character) ? 1 : "})]>".includes(character) ? -1 : 0;
    if (depth === 0 && /[;}]\s*$/.test(code)) { found.push(current); current = ""; }
  }
  return found;
}

function specifiers(list: string, file: string): [string, Origin][] {
  return list.split(",").map((entry) => entry.trim().replace(/^type\s+/, "")).filter((entry) => entry !== "").map((entry) => {
    const [name, alias] = entry.split(/\s+as\s+/);
    return [alias ?? name!, { file, name: name! }];
  });
}

function read(file: string): DeclarationFile {
  const declared = new Map<string, Statement>(), imported = new Map<string, Origin>(), exported = new Map<string, Origin>(), all: string[] = [];
  const place = (specifier: string): string => (specifier.startsWith(".") ? resolve(dirname(file), specifier.replace(/\.ts$/, ".d.ts")) : specifier);
  for (const text of statements(readFileSync(file, "utf8"))) {
    const code = text.replace(COMMENT, "").trim();
    const list = /^(import|export)\s+(?:type\s+)?\{([^}]*)\}(?:\s+from\s+"([^"]+)")?/.exec(code), star = /^export\s+\*\s+from\s+"([^"]+)"/.exec(code);
    const name = DECLARATION.exec(code)?.[1];
    if (star !== null) all.push(place(star[1]!));
    else if (list !== null) for (const [as, origin] of specifiers(list[2]!, list[3] === undefined ? file : place(list[3]))) (list[1] === "import" ? imported : exported).set(as, origin);
    else if (name !== undefined) {
      const names = code.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?<![.\w$])[A-Za-z_$][\w$]*/g) ?? [];
      declared.set(name, { text: (declared.get(name)?.text ?? "") + text, names: [...declared.get(name)?.names ?? [], ...names] });
      if (code.startsWith("export")) exported.set(name, { file, name });
    }
  }
  return { declared, imported, exported, all };
}

/**
 * Gathers what a user of `entry` can see into one text: the exports of the entry, and whatever their declarations name, wherever it is
 * declared. The rest of the program stays private. Two different declarations of one name are refused.
 */
export function flatten(entry: string): string {
  const files = new Map<string, DeclarationFile>(), chosen = new Map<string, { origin: Origin; text: string; public: boolean }>(), packages = new Map<string, Set<string>>();
  const load = (file: string): DeclarationFile => { const known = files.get(file) ?? read(file); files.set(file, known); return known; };
  const find = ({ file, name }: Origin, seen: readonly string[] = []): Origin | undefined => {
    if (!file.endsWith(".d.ts") || seen.includes(file)) return file.endsWith(".d.ts") ? undefined : { file, name };
    const { declared, exported, imported, all } = load(file);
    if (declared.has(name)) return { file, name };
    const next = exported.get(name) ?? imported.get(name);
    if (next !== undefined && !(next.file === file && next.name === name)) return find(next, next.file === file ? seen : [...seen, file]);
    return all.map((other) => find({ file: other, name }, [...seen, file])).find((origin) => origin !== undefined);
  };
  const take = (wanted: Origin, as: string, isPublic: boolean): void => {
    const origin = find(wanted);
    if (origin === undefined) throw new Error(`${wanted.file} has no ${wanted.name}`);
    if (origin.name !== as) throw new Error(`${origin.name} of ${origin.file} is renamed to ${as}: one name each, so that the declarations can stand in one file`);
    if (!origin.file.endsWith(".d.ts")) { packages.set(origin.file, (packages.get(origin.file) ?? new Set()).add(origin.name)); return; }
    const known = chosen.get(origin.name);
    if (known !== undefined && known.origin.file !== origin.file) throw new Error(`${origin.name} is declared in ${known.origin.file} and in ${origin.file}`);
    if (known !== undefined) { known.public ||= isPublic; return; }
    const { declared, imported } = load(origin.file), { text, names } = declared.get(origin.name)!;
    chosen.set(origin.name, { origin, text, public: isPublic });
    for (const name of new Set(names)) if (name !== origin.name && (declared.has(name) || imported.has(name))) take(declared.has(name) ? { file: origin.file, name } : imported.get(name)!, name, false);
  };
  const publicNames = (file: string): string[] => [...load(file).exported.keys(), ...load(file).all.flatMap(publicNames)];
  for (const name of publicNames(entry)) take({ file: entry, name }, name, true);
  const imports = [...packages].map(([name, names]) => `import type { ${[...names].sort().join(", ")} } from "${name}";\n`);
  const declarations = [...chosen.values()].map(({ text, public: isPublic }) => text.replace(/^(?:export\s+)?(?:declare\s+)?(?=(?:abstract\s+)?(?:interface|type|class|function|const|let|enum|namespace)\s)/m, isPublic ? "export declare " : "declare "));
  return `${imports.join("")}${declarations.join("")}export {};\n`;
}

/** Writes the types of the embedding API, as one file. */
export function writeDeclarations(out: string): void {
  const temporary = mkdtempSync(join(tmpdir(), "icx-declarations-"));
  try {
    const tsc = join(root, "node_modules/typescript", readManifest("node_modules/typescript/package.json").bin!["tsc"]!);
    execFileSync(process.execPath, [tsc, "src/index.ts", "--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--noCheck", "--outDir", temporary, "--rootDir", "src",
      "--target", "ES2023", "--lib", "ES2023,DOM,ESNext.Disposable", "--module", "NodeNext", "--moduleResolution", "NodeNext", "--types", "node",
      "--strict", "--exactOptionalPropertyTypes", "--allowImportingTsExtensions", "--skipLibCheck"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    writeFileSync(join(out, "index.d.ts"), flatten(join(temporary, "index.d.ts")));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
