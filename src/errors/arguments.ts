import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of arguments and candid (5xxx). */
export const argumentsErrors = {
  usage: { code: "ICX5001", message: "{problem}", hint: "`{command} --help` shows what it takes.", exitCode: 2 },
  unknownCommand: { code: "ICX5002", message: "There is no command `{command}`.", hint: "{suggestion}", exitCode: 2 },
  invalidCandid: { code: "ICX5003", message: "The argument is not valid candid text at line {line}, column {column}: {problem}", hint: "Write values as in '(1, \"text\", opt true)'.", exitCode: 2 },
  wrongType: { code: "ICX5004", message: "The argument does not fit the method{place}: {problem}", hint: "{method} is declared as {signature}.", exitCode: 2 },
  unknownMethod: { code: "ICX5005", message: "The canister {canister} has no method named {method}.", hint: "{suggestion}", exitCode: 2 },
  invalidInterface: { code: "ICX5006", message: "The candid interface{file} cannot be read at line {line}, column {column}: {problem}", hint: "Correct it there; without `--candid` the interface that the canister publishes is used." },
  invalidPrincipal: { code: "ICX5008", message: "{text} is neither a canister of the project nor a principal.", hint: "{suggestion}", exitCode: 2 },
  needsConfirmation: { code: "ICX5009", message: "{question} Nobody can be asked here.", hint: "Repeat the command with `-y` if that is what you want.", exitCode: 2 },
  declined: { code: "ICX5010", message: "Nothing was changed.", hint: "Repeat the command and answer `y`, or pass `-y`." },
  undecodable: { code: "ICX5011", message: "The reply is not candid of the declared type: {problem}", hint: "Use `--output hex` to see the bytes." },
  twoArguments: { code: "ICX5012", message: "The argument is given twice: by {first} and by {second}.", hint: "Keep one of the two.", exitCode: 2 },
  missingArguments: { code: "ICX5013", message: "The method {method} takes arguments, and none are given.", hint: "{method} is declared as {signature}.", exitCode: 2 },
  notText: { code: "ICX5014", message: "The reply of {bytes} bytes is not UTF-8 text.", hint: "Use `--output auto`, or `--output hex` to see the bytes." },
  noBindings: { code: "ICX5015", message: "No bindings can be made of the interface of {name}: {problem}", hint: "Correct that place of its .did file; the official generator takes no more than the candid specification." },
  noInterface: { code: "ICX5016", message: "{name} has no candid interface: neither its build nor the network has one.", hint: "Name a .did file under `candid` in {manifest}, or deploy the canister." },
  folderHoldsFiles: { code: "ICX5017", message: "The folder {folder} is not empty.", hint: "Name another folder, or continue an interrupted download with `--resume`." },
  nothingToResume: { code: "ICX5018", message: "{folder} holds no {what} that was interrupted.", hint: "Leave out `--resume` to begin one." },
  invalidSnapshot: { code: "ICX5019", message: "{file} does not belong to a whole snapshot: {problem}.", hint: "Download the snapshot again, into an empty folder; `--resume` finishes a download that was interrupted." },
} as const satisfies Record<string, ErrorDescriptor>;
