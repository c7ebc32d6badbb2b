import { IDL } from "@dfinity/candid";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { CandidSyntaxError } from "./candidLexer.ts";
import { parseCandidText } from "./candidText.ts";
import { signatureText, type CandidType, type FunctionType, type TypeEnvironment } from "./candidType.ts";
import { CandidTypeError, inferType, isOptional, valueOf } from "./candidValue.ts";
import { idlTypes } from "./idlType.ts";
import { printCandid } from "./printCandid.ts";

const NO_NAMES: TypeEnvironment = new Map();

/** Argument text → bytes, as the method's types want it; without a signature the types are inferred. @throws IcxError ICX5003, ICX5004 */
export function encodeArguments(text: string, method: string, signature: Pick<FunctionType, "args"> | undefined, types: TypeEnvironment = NO_NAMES): Uint8Array {
  try {
    const written = parseCandidText(text);
    const kinds = signature?.args ?? written.map(inferType);
    if (written.length > kinds.length) throw new CandidTypeError(`${written.length} values are given, ${kinds.length} are expected`);
    const missing = kinds.slice(written.length).find((kind) => !isOptional(kind, types));
    if (missing !== undefined) throw new CandidTypeError(written.length === 0 ? "no argument is given" : `${written.length} values are given, ${kinds.length} are expected`);
    return IDL.encode(idlTypes(kinds, types), kinds.map((kind, index) => valueOf(written[index] ?? { kind: "null", at: 0 }, kind, types)));
  } catch (error) {
    if (error instanceof CandidSyntaxError) throw new IcxError(ERRORS.arguments.invalidCandid, { position: error.at + 1, problem: error.message }, { cause: error });
    const declared = signature === undefined ? "()" : signatureText({ kind: "func", results: [], modes: [], ...signature });
    if (error instanceof CandidTypeError) throw new IcxError(ERRORS.arguments.wrongType, { problem: error.message, method, signature: declared }, { cause: error });
    throw error;
  }
}

/** Reply bytes → values and candid text. @throws IcxError ICX5011 when the bytes are not of these types */
export function decodeReply(bytes: Uint8Array, results: readonly CandidType[], types: TypeEnvironment): { readonly values: readonly unknown[]; readonly text: string } {
  try {
    const values = IDL.decode(idlTypes(results, types), bytes);
    return { values, text: printCandid(values, results, types) };
  } catch (cause) {
    throw new IcxError(ERRORS.arguments.undecodable, { problem: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}
