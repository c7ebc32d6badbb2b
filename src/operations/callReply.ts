import { decodeReply, type Decoded } from "../client/candidArguments.ts";
import { candidJson } from "../client/candidJson.ts";
import type { CandidType, TypeEnvironment } from "../client/candidType.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** How a reply is shown: `auto` is candid, else text, else hex. */
export type ReplyOutput = "auto" | "candid" | "json" | "text" | "hex";
/** A reply in words, and in the keys of `--json`: ours, and those of the `icp` program. */
export interface ReplyWords {
  readonly text: string;
  readonly reply: { readonly candid: string | undefined; readonly values: readonly unknown[] | undefined; readonly hex: string };
  readonly response: { readonly response_bytes: string; readonly response_text: string | null; readonly response_candid: string | null };
  /** Why a reply that looks like candid is not shown as candid. */
  readonly problem?: string;
  readonly shownAs: "candid" | "json" | "text" | "hex";
}

/** Puts a reply into words. @throws IcxError ICX5011, ICX5014 when it is not what `--output` asks for */
export function callReply(bytes: Uint8Array, output: ReplyOutput | undefined, results: readonly CandidType[] | undefined, types: TypeEnvironment, width?: number): ReplyWords {
  const hex = Buffer.from(bytes).toString("hex"), mode = output ?? "auto";
  const { decoded, problem } = mode === "hex" || mode === "text" ? {} : decode(bytes, results, types, width, mode);
  const text = mode === "text" || (mode === "auto" && decoded === undefined) ? utf8(bytes) : undefined;
  if (mode === "text" && text === undefined) throw new IcxError(ERRORS.arguments.notText, { bytes: bytes.length });
  const values = decoded?.values.map((value, index) => candidJson(value, decoded.kinds[index]!, decoded.types));
  const shownAs = mode === "json" ? "json" : decoded !== undefined ? "candid" : text !== undefined ? "text" : "hex";
  return {
    shownAs, ...(problem === undefined ? {} : { problem }), text: shownAs === "json" ? JSON.stringify(values) : decoded?.text ?? text ?? hex,
    reply: { candid: decoded?.text, values, hex },
    response: { response_bytes: hex, response_text: text ?? null, response_candid: decoded?.text ?? null },
  };
}

function decode(bytes: Uint8Array, results: readonly CandidType[] | undefined, types: TypeEnvironment, width: number | undefined, mode: ReplyOutput): { readonly decoded?: Decoded; readonly problem?: string } {
  try { return { decoded: decodeReply(bytes, results, types, width) }; } catch (error) {
    if (mode !== "auto" || !(error instanceof IcxError)) throw error;
    return results !== undefined || Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "DIDL" ? { problem: error.message } : {};
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { return undefined; }
}
