import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of canister operations (6xxx), with the network's own codes. */
export const canisterErrors = {
  rejected: { code: "ICX6001", message: "The canister {canister} rejected `{method}` ({rejectCode}{errorCode}): {message}", hint: "{hint}" },
  installFailed: { code: "ICX6002", message: "Installing the module of {name} failed ({rejectCode}{errorCode}): {message}", hint: "{hint}" },
  notFound: { code: "ICX6003", message: "The network has no canister {canister}.", hint: "If the network's state was cleaned, `icx deploy` creates the canisters again." },
  timeout: { code: "ICX6004", message: "The call `{method}` to {canister} was accepted but not answered within {seconds} s.", hint: "It may still be executed. Request id: {requestId}." },
  expired: { code: "ICX6005", message: "The answer to `{method}` was no longer available: the request was {state}.", hint: "The message was processed; its reply has been pruned. Read the canister's state to see its effect." },
} as const satisfies Record<string, ErrorDescriptor>;
