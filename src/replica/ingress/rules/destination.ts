import { MANAGEMENT_CANISTER_ID, type Result, err, ok } from "../../types/index.ts";
import type { Destination, RequestRefusal } from "../../interfaces/ingress.ts";
import type { CallContent } from "../../codec/envelope.ts";

/** Interface spec, "Effective subnet id": what may be sent to a subnet as such. */
const SUBNET_METHODS: Readonly<Record<CallContent["kind"], readonly string[]>> = {
  call: ["create_canister", "provisional_create_canister_with_cycles"],
  query: ["list_canisters"],
};

/**
 * Interface spec, "Effective canister id": the id in the URL is the canister of the request, unless that is the management canister,
 * whose argument says which canister it is about.
 */
export function checkDestination(content: CallContent, destination: Destination): Result<void, RequestRefusal> {
  const toManagement = content.canister === MANAGEMENT_CANISTER_ID;
  if (destination.kind === "subnet") {
    if (!toManagement) return err({ kind: "wrongDestination", canister: content.canister, destination });
    return SUBNET_METHODS[content.kind].includes(content.method) ? ok(undefined) : err({ kind: "notForSubnets", method: content.method });
  }
  return toManagement || content.canister === destination.id ? ok(undefined) : err({ kind: "wrongDestination", canister: content.canister, destination });
}
