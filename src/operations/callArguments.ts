import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { encodeArguments } from "../client/candidArguments.ts";
import { signatureText, type CandidInterface, type FunctionType } from "../client/candidType.ts";
import type { CommandContext } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** The argument of a call as the command line has it. */
export interface GivenArguments {
  readonly args: string | undefined;
  readonly argsFile: string | undefined;
  readonly argsFormat: "candid" | "hex" | "bin" | undefined;
}

/**
 * The bytes to send. Nothing given: `()` for a method that takes nothing, else a person is asked, else it is an error.
 * @throws IcxError ICX1010, ICX5003, ICX5004, ICX5012, ICX5013
 */
export async function callArguments({ io, ui, options }: CommandContext, given: GivenArguments, method: string, signature: FunctionType | undefined, types: CandidInterface["types"] | undefined): Promise<Uint8Array> {
  const { args, argsFile, argsFormat } = given;
  if (args !== undefined && argsFile !== undefined) throw new IcxError(ERRORS.arguments.twoArguments, { first: "the command line", second: argsFile });
  if (argsFormat === "bin" && argsFile === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "`--args-format bin` is for files.", command: "icx canister call" });
  const bytes = argsFile === undefined ? undefined : readArguments(resolve(io.cwd, argsFile));
  if (argsFormat === "bin" && bytes !== undefined) return Uint8Array.from(bytes);
  const text = bytes === undefined ? args : bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (text !== undefined) return argsFormat === "hex" ? fromHex(text) : encodeArguments(text, method, signature, types);
  if (signature === undefined || signature.args.length === 0) return encodeArguments("()", method, signature, types);
  if (ui.mode !== "terminal" || options.json || io.stdin.isTTY !== true || io.stderr.isTTY !== true) throw new IcxError(ERRORS.arguments.missingArguments, { method, signature: signatureText(signature) });
  const { askArguments } = await import("./askArguments.ts");
  const asked = await askArguments(io, method, signature, types ?? new Map());
  ui.report({ kind: "note", text: `The argument in candid: ${asked.replace(/\s*\n\s*/g, " ")}` });
  return encodeArguments(asked, method, signature, types);
}

function readArguments(file: string): Buffer {
  try { return readFileSync(file); } catch (cause) { throw new IcxError(ERRORS.project.unreadableFile, { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause }); }
}

function fromHex(text: string): Uint8Array {
  const digits = text.replace(/^\s*0x/i, "").replace(/\s/g, "");
  if (!/^([\da-f]{2})*$/i.test(digits)) throw new IcxError(ERRORS.arguments.invalidCandid, { line: 1, column: 1 + Math.max(0, text.search(/[^\da-f\sx]/i)), problem: "expected pairs of hexadecimal digits" });
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
