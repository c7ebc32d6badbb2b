import { IDL } from "@dfinity/candid";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { CandidSyntaxError } from "./candidLexer.ts";
import { parseCandidText, type CandidText } from "./candidText.ts";
import { signatureText, type CandidType, type FunctionType, type TypeEnvironment } from "./candidType.ts";
import { CandidTypeError, inferType, isOptional, valueOf } from "./candidValue.ts";
import { checkMessage } from "./checkMessage.ts";
import { idlTypes } from "./idlType.ts";
import { printCandid } from "./printCandid.ts";
import { positionOf } from "./sourcePosition.ts";

const NO_NAMES: TypeEnvironment = new Map();

/** Argument text → bytes, as the method's types want it; without a signature the types are inferred. @throws IcxError ICX5003, ICX5004 with line and column */
export function encodeArguments(text: string, method: string, signature: Pick<FunctionType, "args"> | undefined, types: TypeEnvironment = NO_NAMES): Uint8Array {
  try {
    const written = parseCandidText(text);
    return encodeValues(written, signature?.args ?? written.map(inferType), types);
  } catch (error) {
    if (error instanceof CandidSyntaxError) throw new IcxError(ERRORS.arguments.invalidCandid, { ...positionOf(text, error.at), problem: error.message }, { cause: error });
    if (!(error instanceof CandidTypeError)) throw error;
    const declared = signature === undefined ? "()" : signatureText({ kind: "func", results: [], modes: [], ...signature });
    const place = error.at === undefined ? undefined : positionOf(text, error.at);
    throw new IcxError(ERRORS.arguments.wrongType, { place: place === undefined ? "" : ` at line ${place.line}, column ${place.column}`, problem: error.message, method, signature: declared }, { cause: error });
  }
}

/** Written values → bytes of these types. @throws CandidTypeError */
export function encodeValues(written: readonly CandidText[], kinds: readonly CandidType[], types: TypeEnvironment): Uint8Array {
  if (written.length > kinds.length) throw new CandidTypeError(`${written.length} values are given, ${kinds.length} are expected`, written[kinds.length]!.at);
  const missing = kinds.slice(written.length).find((kind) => !isOptional(kind, types));
  if (missing !== undefined) throw new CandidTypeError(written.length === 0 ? "no argument is given" : `${written.length} values are given, ${kinds.length} are expected`);
  return IDL.encode(idlTypes(kinds, types), kinds.map((kind, index) => valueOf(written[index] ?? { kind: "null", at: 0 }, kind, types)));
}

/** Values of a message with the types that they have. */
export interface Decoded { readonly values: readonly unknown[]; readonly kinds: readonly CandidType[]; readonly types: TypeEnvironment; readonly text: string }

/**
 * Reply bytes → values and candid text, laid out for `width` columns. Without the method's results the types are those of the message, its fields without names.
 * @throws IcxError ICX5011 when the bytes are not of these types, or would not be safe to decode
 */
export function decodeReply(bytes: Uint8Array, results: readonly CandidType[] | undefined, types: TypeEnvironment, width?: number): Decoded {
  try {
    const wire = checkMessage(bytes), kinds = results ?? wire.args, names = results === undefined ? wire.types : types;
    const values = IDL.decode(idlTypes(kinds, names), bytes);
    return { values, kinds, types: names, text: printCandid(values, kinds, names, width) };
  } catch (cause) {
    throw new IcxError(ERRORS.arguments.undecodable, { problem: cause instanceof Error ? cause.message.slice(0, 300) : String(cause) }, { cause });
  }
}
