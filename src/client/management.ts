import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import type { FunctionType } from "./candidType.ts";
import type { NetworkClient, Rejection } from "./createClient.ts";
import { parseDid } from "./didParser.ts";
import { idlTypes } from "./idlType.ts";

/** The management canister's address (interface spec, "The IC management canister"). */
export const MANAGEMENT_CANISTER = "aaaaa-aa";
/** The methods that icx uses, as the interface spec declares them. Answers are records, of which only the fields named here are read. */
const INTERFACE = parseDid(`
  type canister_settings = record { controllers : opt vec principal; compute_allocation : opt nat; memory_allocation : opt nat; freezing_threshold : opt nat; reserved_cycles_limit : opt nat; wasm_memory_limit : opt nat };
  type upgrade_flags = opt record { skip_pre_upgrade : opt bool; wasm_memory_persistence : opt variant { keep; replace } };
  type install_mode = variant { install; reinstall; upgrade : upgrade_flags };
  type chunk_hash = record { hash : blob };
  service : {
    provisional_create_canister_with_cycles : (record { amount : opt nat; settings : opt canister_settings; specified_id : opt principal }) -> (record { canister_id : principal });
    install_code : (record { mode : install_mode; canister_id : principal; wasm_module : blob; arg : blob }) -> ();
    upload_chunk : (record { canister_id : principal; chunk : blob }) -> (chunk_hash);
    clear_chunk_store : (record { canister_id : principal }) -> ();
    install_chunked_code : (record { mode : install_mode; target_canister : principal; store_canister : opt principal; chunk_hashes_list : vec chunk_hash; wasm_module_hash : blob; arg : blob }) -> ();
    canister_status : (record { canister_id : principal }) -> (record { status : variant { running; stopping; stopped }; cycles : nat; memory_size : nat; module_hash : opt blob; idle_cycles_burned_per_day : nat; version : nat64;
      settings : record { controllers : vec principal; compute_allocation : nat; memory_allocation : nat; freezing_threshold : nat } });
    start_canister : (record { canister_id : principal }) -> ();
    stop_canister : (record { canister_id : principal }) -> ();
  }`);

/** Calls a method of the management canister with values in `@dfinity/candid`'s form. @throws IcxError ICX6001 or what `onReject` makes of a rejection */
export async function callManagement(client: NetworkClient, method: string, argument: unknown, effectiveCanister: string, onReject?: (rejection: Rejection) => IcxError): Promise<unknown> {
  const { args, results } = INTERFACE.methods.get(method) as FunctionType;
  const answer = await client.update(MANAGEMENT_CANISTER, method, IDL.encode(idlTypes(args, INTERFACE.types), [argument]), effectiveCanister);
  if (answer.kind === "reject") throw onReject?.(answer.rejection) ?? rejectionError(MANAGEMENT_CANISTER, method, answer.rejection, effectiveCanister);
  return IDL.decode(idlTypes(results, INTERFACE.types), answer.value.reply)[0];
}

/** What to do about a rejection, by error code; `{canister}` is filled in. Commands in backquotes work when pasted. */
export const REJECTION_HINTS: Readonly<Record<string, string>> = {
  IC0301: "The canister does not exist on this network; `icx deploy` creates the project's canisters.",
  IC0508: "The canister is stopped; start it with `icx canister start {canister}`.",
  IC0509: "The canister is stopping; wait, or start it with `icx canister start {canister}`.",
  IC0512: "Only a controller may do this; `icx canister status {canister}` names them, `icx identity principal` says who you are.",
  IC0536: "The method may be misspelled, or the installed module may be older than your sources: `icx deploy` installs them.",
  IC0537: "The canister is empty; install it with `icx deploy`.",
  other: "What the canister printed is in the network's log: `icx network status` says where.",
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
