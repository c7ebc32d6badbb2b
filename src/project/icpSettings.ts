import { resolve } from "node:path";
import type { CanisterSettings, InitArgs, Visibility } from "../context/project.ts";
import { cyclesAmount, durationAmount, memoryAmount } from "./amounts.ts";
import type { Tagged } from "./effective.ts";
import type { ManifestNode } from "./manifestNode.ts";
import { readBytes, readText } from "./readText.ts";

/** A value of the project, and what `icx project show` prints for it. */
export interface Read<T, S> { readonly value: T; readonly shown: S }

const AMOUNTS = {
  memory_allocation: ["memoryAllocation", memoryAmount], freezing_threshold: ["freezingThreshold", durationAmount], reserved_cycles_limit: ["reservedCyclesLimit", cyclesAmount],
  wasm_memory_limit: ["wasmMemoryLimit", memoryAmount], wasm_memory_threshold: ["wasmMemoryThreshold", memoryAmount], log_memory_limit: ["logMemoryLimit", memoryAmount],
} as const;
const KEYS = [...Object.keys(AMOUNTS), "compute_allocation", "log_visibility", "environment_variables", "controllers"];

/** `settings` of a canister or of an environment; files are read from the canister's folder. @throws IcxError ICX1003, ICX1010 */
export function readSettings(node: ManifestNode, folder: string, notes: string[]): Read<CanisterSettings, Readonly<Record<string, unknown>>> {
  node.only(KEYS, notes);
  const amounts = Object.entries(AMOUNTS).map(([key, [name, parse]]) => ({ key, name, value: parse(node.get(key)), written: plain(node.get(key).value) })).filter(({ value }) => value !== undefined);
  const compute = percentage(node.get("compute_allocation")), visibility = readVisibility(node.get("log_visibility"));
  const variables = readVariables(node.get("environment_variables"), folder), { value: controllers } = node.get("controllers"), names = node.get("controllers").texts();
  return {
    value: {
      ...Object.fromEntries(amounts.map(({ name, value }) => [name, value])), ...(compute !== undefined && { computeAllocation: compute }),
      ...(visibility !== undefined && { logVisibility: visibility }), ...(variables !== undefined && { environmentVariables: variables }), ...(names.length > 0 && { controllers: names }),
    },
    shown: {
      ...(visibility !== undefined && { log_visibility: plain(node.get("log_visibility").value) }), ...(compute !== undefined && { compute_allocation: Number(compute) }),
      ...Object.fromEntries(amounts.map(({ key, written }) => [key, written])), ...(variables !== undefined && { environment_variables: variables }), controllers: controllers === undefined || controllers === null ? null : names,
    },
  };
}

/** Whole numbers as numbers: a document is printed. */
const plain = (value: unknown): unknown => (typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value);

/** Percent of a computing core (interface spec, "compute_allocation"). */
export function percentage(node: ManifestNode): bigint | undefined {
  const found = node.optionalInteger();
  if (found !== undefined && found > 100n) throw node.fail("must be a number from 0 to 100");
  return found;
}

/** Who may read the logs. */
export function readVisibility(node: ManifestNode): Visibility | undefined {
  if (node.value === undefined || node.value === null) return undefined;
  if (node.value === "controllers" || node.value === "public") return node.value;
  if (typeof node.value !== "object") throw node.fail("must be `controllers`, `public` or `{ allowed_viewers: [...] }`");
  node.only(["allowed_viewers"]);
  return { allowedViewers: node.get("allowed_viewers").texts() };
}

function readVariables(node: ManifestNode, folder: string): Readonly<Record<string, string>> | undefined {
  if (node.value === undefined || node.value === null) return undefined;
  return Object.fromEntries(node.entries().map(([name, item]) => {
    if (typeof item.value === "string") return [name, item.value];
    if (typeof item.value !== "object" || item.value === null) throw item.fail("must be a text (in quotes, if it looks like a number) or `{ path: FILE }`");
    return [name, readText(resolve(folder, item.get("path").text())).trim()];
  }));
}

const FORMATS = ["candid", "hex", "bin"] as const;

/** `init_args` and its like: a text, or `{ value | path, format }`. @throws IcxError ICX1003, ICX1010 */
export function readArgs(node: ManifestNode, folder: string): Read<InitArgs, Tagged> | undefined {
  if (node.value === undefined || node.value === null) return undefined;
  if (typeof node.value !== "object") return text("candid", node.text());
  node.only(["value", "path", "format"]);
  const word = node.get("format").optionalText() ?? "candid", format = FORMATS.find((known) => known === word), path = node.get("path").optionalText(), value = node.get("value").optionalText();
  if (format === undefined) throw node.get("format").fail("must be `candid`, `hex` or `bin`");
  if ((path === undefined) === (value === undefined)) throw node.fail("needs either `value` or `path`");
  if (format !== "bin") return text(format, value ?? readText(resolve(folder, path!)));
  if (path === undefined) throw node.fail("has the format `bin`, which needs a `path`");
  const bytes = Uint8Array.from(readBytes(resolve(folder, path)));
  return { value: { format, bytes }, shown: { tag: "Binary", of: [...bytes] } };
}

const text = (format: "candid" | "hex", content: string): Read<InitArgs, Tagged> => ({ value: { format, text: content.trim() }, shown: { tag: "Text", of: { content: content.trim(), format } } });
