import { IDL } from "@dfinity/candid";
import { Principal as CandidPrincipal } from "@dfinity/principal";
import { type Principal, type Result, err, hexFromBytes, ok, principalBytes } from "../types/index.ts";
import { checkCandid } from "./candidCheck.ts";

/** Decodes arguments of these types; hostile bytes give a reason, never an exception. */
export function decodeCandid(types: readonly IDL.Type[], bytes: Uint8Array): Result<readonly unknown[], string> {
  const checked = checkCandid(bytes);
  if (!checked.ok) return checked;
  // the package reads a view's whole buffer, so it gets bytes of their own
  try { return ok(IDL.decode([...types], new Uint8Array(bytes)) as unknown[]); }
  catch (cause) { return err(cause instanceof Error ? cause.message.split("\n", 1)[0]! : "malformed candid"); }
}
export const encodeCandid = (types: readonly IDL.Type[], values: readonly unknown[]): Uint8Array => new Uint8Array(IDL.encode([...types], [...values]));

/** Between our principals and those of the candid package. */
export const candidFromPrincipal = (principal: Principal): CandidPrincipal => CandidPrincipal.fromUint8Array(principalBytes(principal));
export const principalFromCandid = (principal: CandidPrincipal): Principal => hexFromBytes(principal.toUint8Array()) as Principal;
export type { CandidPrincipal };
