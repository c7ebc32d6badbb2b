import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { NetworkClient, Rejection } from "./createClient.ts";
import { managementTypes } from "./managementTypes.ts";

/** The management canister's address (interface spec, "The IC management canister"). */
export const MANAGEMENT_CANISTER = "aaaaa-aa";

/** Calls a method of the management canister with values in `@dfinity/candid`'s form; settings that are not given are left as they are. @throws IcxError ICX6001 or what `onReject` makes of a rejection */
export async function callManagement(client: NetworkClient, method: string, argument: unknown, effectiveCanister: string, onReject?: (rejection: Rejection) => IcxError): Promise<unknown> {
  const { args, results, query, complete } = managementTypes(method), bytes = IDL.encode(args, [complete(argument)]);
  const answer = query ? await client.query(MANAGEMENT_CANISTER, method, bytes, effectiveCanister) : await client.update(MANAGEMENT_CANISTER, method, bytes, effectiveCanister);
  if (answer.kind === "reject") throw onReject?.(answer.rejection) ?? rejectionError(MANAGEMENT_CANISTER, method, answer.rejection, effectiveCanister);
  return IDL.decode(results, answer.value.reply)[0];
}

/** What to do about a rejection, by error code; `{canister}` is filled in. Commands in backquotes work when pasted. */
export const REJECTION_HINTS: Readonly<Record<string, string>> = {
  IC0301: "The canister does not exist on this network; `icx deploy` creates the project's canisters.",
  IC0508: "The canister is stopped; start it with `icx canister start {canister}`.",
  IC0509: "The canister is stopping; wait, or start it with `icx canister start {canister}`.",
  IC0512: "Only a controller may do this; `icx canister status {canister}` names them, `icx identity principal` says who you are.",
  IC0542: "Only its controllers, and those whom its settings let see it, may ask this: `icx identity principal` says who you are.",
  IC0530: "It has too few cycles for that: give it more when it is created (`--cycles`), or top it up.",
  IC0531: "It has too few cycles for that: give it more when it is created (`--cycles`), or top it up.",
  IC0536: "The method may be misspelled, or the installed module may be older than your sources: `icx deploy` installs them.",
  IC0537: "The canister is empty; install it with `icx deploy`.",
  other: "What the canister printed: `icx canister logs {canister}`.",
};
/** Names of the reject codes (interface spec, "Reject codes"). */
const CODES: Readonly<Record<number, string>> = { 1: "SYS_FATAL", 2: "SYS_TRANSIENT", 3: "DESTINATION_INVALID", 4: "CANISTER_REJECT", 5: "CANISTER_ERROR", 6: "SYS_UNKNOWN" };

/** What a rejection means to the user, with advice about the canister that the call was about; `--json` carries the network's own codes. */
export function rejectionError(canister: string, method: string, rejection: Rejection, about: string = canister): IcxError {
  return new IcxError(ERRORS.canister.rejected, { canister, method, message: rejection.message, ...codes(rejection), hint: hintFor(rejection, about) }, { details: rejectionDetails(rejection) });
}
export const codes = ({ code, errorCode }: Rejection): { readonly rejectCode: string; readonly errorCode: string } => ({ rejectCode: CODES[code] ?? String(code), errorCode: errorCode === undefined ? "" : ` ${errorCode}` });
export const hintFor = ({ errorCode }: Rejection, canister: string): string => (REJECTION_HINTS[errorCode ?? ""] ?? REJECTION_HINTS["other"]!).replaceAll("{canister}", canister);
export const rejectionDetails = ({ code, errorCode, requestId, certificate }: Rejection): Readonly<Record<string, unknown>> => ({ rejectCode: code, errorCode, requestId, certificate });

/** A principal in the form of `@dfinity/candid`. */
export const principalOf = (text: string): Principal => Principal.fromText(text);
