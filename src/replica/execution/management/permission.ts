import { type Principal, type Result, type UserError, err, ok, principalToText, userError } from "../../types/index.ts";
import type { Visibility } from "../../state/canisterState.ts";
import type { Callers, HasSettings } from "./defineManagementMethod.ts";

const sees = ({ kind, viewers }: Visibility, caller: Principal): boolean => kind === "public" || (kind === "allowedViewers" && viewers.includes(caller));

/** May this caller use a method of this kind on this canister? Spec, "Management canister", the callers' column. */
export function mayCall(callers: Callers, { id, system: { settings } }: HasSettings, caller: Principal): Result<void, UserError> {
  const { controllers } = settings, controls = controllers.includes(caller), name = principalToText(id);
  if (callers === "anyone" || controls) return ok(undefined);
  if ((callers === "controllersOrSelf" || callers === "status") && caller === id) return ok(undefined);
  if (callers === "status") {
    if (sees(settings.statusVisibility, caller)) return ok(undefined);
    if (settings.statusVisibility.kind !== "controllers") return err(userError("IC0542", `Caller ${principalToText(caller)} is not allowed to access the status of canister ${name}`));
  }
  if (callers === "logs") {
    return sees(settings.logVisibility, caller) ? ok(undefined) : err(userError("IC0406", `Caller ${principalToText(caller)} is not allowed to access canister logs`));
  }
  return err(userError("IC0512", `Only the controllers of the canister ${name} can control it.\n`
    + `Canister's controllers: ${controllers.map(principalToText).join(" ")}\nSender's ID: ${principalToText(caller)}`));
}
