import { type Principal, type Result, type UserError, err, ok, principalToText, userError } from "../../types/index.ts";
import type { Visibility } from "../../state/canisterState.ts";
import type { Callers, HasSettings } from "./defineManagementMethod.ts";

/** The NNS governance canister may uninstall any canister (dfinity/ic, validate_sender). */
const GOVERNANCE_CANISTER_ID = "00000000000000010101";

const sees = ({ kind, viewers }: Visibility, caller: Principal): boolean => kind === "public" || (kind === "allowedViewers" && viewers.includes(caller));
const listed = (principals: readonly Principal[]): string => principals.map(principalToText).join(" ");
const rejected = (message: string): Result<never, UserError> => err(userError("IC0406", message));

/**
 * May this caller use a method of this kind on this canister? Spec, "Management canister", the callers' column; in the order of dfinity/ic,
 * validate_sender. `admins`: those of the subnet, when it has the notion.
 */
export function mayCall(callers: Callers, { id, system: { settings } }: HasSettings, caller: Principal, admins: readonly Principal[] | undefined): Result<void, UserError> {
  const { controllers } = settings, controls = controllers.includes(caller), sender = principalToText(caller);
  switch (callers) {
    case "anyone": return ok(undefined);
    case "logs": return controls || sees(settings.logVisibility, caller) ? ok(undefined) : rejected(`Caller ${sender} is not allowed to access canister logs`);
    case "snapshots": return controls || sees(settings.snapshotVisibility, caller) ? ok(undefined) : rejected(`Caller ${sender} is not allowed to access canister snapshots`);
    case "status":
      return controls || caller === id || admins?.includes(caller) === true || sees(settings.statusVisibility, caller) ? ok(undefined)
        : err(userError("IC0542", `Caller ${sender} is not allowed to read the canister status`));
    case "controllersOrSelf": if (caller === id) return ok(undefined); break;
    case "uninstall": if (caller === GOVERNANCE_CANISTER_ID) return ok(undefined); break;
    default:
  }
  if (controls) return ok(undefined);
  const name = principalToText(id), who = `\nCanister's controllers: ${listed(controllers)}`;
  if ((callers === "controllersOrAdmins" || callers === "uninstall") && admins !== undefined) {
    return admins.includes(caller) ? ok(undefined)
      : err(userError("IC0541", `Only the controllers of the canister ${name} or subnet admins can control it.${who}\nSubnet admins: ${listed(admins)}\nSender's ID: ${sender}`));
  }
  return err(userError("IC0512", `Only the controllers of the canister ${name} can control it.${who}\nSender's ID: ${sender}`));
}

/** IC0410 for everyone but the subnet's admins, IC0406 where a subnet has none. */
export function mustBeAdmin(method: string, caller: Principal, admins: readonly Principal[] | undefined): Result<void, UserError> {
  if (admins === undefined) return rejected(`${method} is only available on subnets with subnet admins`);
  return admins.includes(caller) ? ok(undefined) : err(userError("IC0410", `Only subnet admins can call ic00 method ${method}.\nSubnet admins: ${listed(admins)}\nSender's ID: ${principalToText(caller)}`));
}
