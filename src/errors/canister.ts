import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of canister operations (6xxx), with the network's own codes. */
export const canisterErrors = {
  rejected: { code: "ICX6001", message: "The canister {canister} rejected `{method}` ({rejectCode}{errorCode}): {message}", hint: "{hint}" },
  installFailed: { code: "ICX6002", message: "Installing the module of {name} failed ({rejectCode}{errorCode}): {message}", hint: "{hint}" },
  notFound: { code: "ICX6003", message: "The network has no canister {canister}.", hint: "If the network's state was cleaned, `icx deploy` creates the canisters again." },
  timeout: { code: "ICX6004", message: "The call `{method}` to {canister} was accepted but not answered within {seconds} s.", hint: "It may still be executed. Request id: {requestId}." },
  expired: { code: "ICX6005", message: "The answer to `{method}` was no longer available: the request was {state}.", hint: "The message was processed; its reply has been pruned. Read the canister's state to see its effect." },
  incompatibleInterface: { code: "ICX6006", message: "The new Candid interface of {name} breaks those who call the one that runs:\n{changes}", hint: "Keep the old methods usable (new arguments and fields as `opt`), or pass `-y` if no caller relies on them." },
  incompatibleState: { code: "ICX6007", message: "The new module of {name} cannot take over the stable variables that the canister holds:\n{problem}\nIt holds:\n{before}\nThe new module declares:\n{after}", hint: "Keep their types or write a migration function; `icx deploy {name} --mode reinstall` gives the state up." },
  losesMemory: { code: "ICX6008", message: "The canister {name} keeps its main memory over upgrades (enhanced orthogonal persistence), and its new module is compiled for classical persistence.", hint: "Compile without `--legacy-persistence`; `icx deploy {name} --mode reinstall` gives the state up." },
  notEmpty: { code: "ICX6009", message: "The canister {name} holds a module already, and `--mode install` is for empty ones.", hint: "`icx deploy {name}` upgrades it and keeps its state." },
  empty: { code: "ICX6010", message: "The canister {name} is empty: there is nothing to upgrade.", hint: "`icx deploy {name}` installs its module." },
  notCreated: { code: "ICX6011", message: "These canisters do not exist on this network, and `--no-create` makes none: {names}.", hint: "`icx deploy {names}` creates them." },
  notRunning: { code: "ICX6012", message: "The canister {name} is {status}; its sync steps need it running.", hint: "Start it with `icx canister start {name}`." },
  linked: { code: "ICX6013", message: "{name} is {id} already.", hint: "To forget that canister for this one, repeat the command with `--force`." },
  noMetadata: { code: "ICX6014", message: "The module of {canister} has no metadata named {name}, or it is private.", hint: "`candid:service` is what most modules publish." },
  notStopped: { code: "ICX6015", message: "The canister {name} is {status}: snapshots are taken of stopped canisters, and restored to them.", hint: "Stop it with `icx canister stop {name}`." },
  proxyFailed: { code: "ICX6016", message: "The proxy canister {proxy} could not pass `{method}` on to {canister}: {reason}", hint: "Cycles that were not accepted are back in the proxy canister." },
  immovable: { code: "ICX6017", message: "The canister {name} cannot be moved to the subnet {subnet}: {reason}.", hint: "`icx canister status {name}` shows how it stands, `icx subnet list` where there is room. It is where it was." },
} as const satisfies Record<string, ErrorDescriptor>;
