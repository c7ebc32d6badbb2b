import { type ErrorCode, type UserError, userError } from "../types/index.ts";

/** dfinity/ic, packages/ic-error-types, doc_ref: where errors are explained. */
const docs = (section: string): string => ` See documentation: https://internetcomputer.org/docs/current/references/execution-errors#${section}`;
const TRAPPED = "Consider gracefully handling failures from this canister or altering the canister to handle exceptions.";
const TOOLCHAIN = "If you are running this canister in a test environment (e.g., dfx), make sure the test environment is up to date. Otherwise, this is likely an error with the compiler/CDK toolchain being used to "
  + "build the canister. Please report the error to IC devs on the forum: https://forum.dfinity.org and include which language/CDK was used to create the canister.";

/** What the replica adds to a failure of a canister's code: part of what callers see, so in its very words (dfinity/ic, rs/interfaces/src/execution_environment/errors.rs, error_help). */
const HELP: Readonly<Partial<Record<ErrorCode, string>>> = {
  IC0502: TRAPPED + docs("trapped"), IC0503: TRAPPED + docs("trapped-explicitly"),
  IC0507: "Check the canister's memory usage against its allocation and the system wide limits to determine why more memory cannot be allocated." + docs("out-of-memory"),
  IC0513: TOOLCHAIN,
  IC0522: "Try optimizing this method to consume fewer instructions or split the work across multiple messages." + docs("instruction-limit-exceeded"),
  IC0524: "Try optimizing the use of stable memory so that individual messages don't need to access as much stable memory." + docs("memory-access-limit-exceeded"),
  IC0532: "Try topping up the canister." + docs("insufficient-cycles-in-memory-grow"),
  IC0534: "Try increasing the canister's reserved cycles limit." + docs("reserved-cycles-limit-exceeded-in-memory-grow"),
  IC0536: "Check that the method being called is exported by the target canister." + docs("method-not-found"),
  IC0537: "Please install code to this canister before calling it." + docs("wasm-module-not-found"),
  IC0539: "Try checking the canister for a possible memory leak or modifying it to use more stable memory instead of Wasm memory." + docs("wasm-memory-limit-exceeded"),
};
/** The message with what may help, when there is something. */
export const withHelp = ({ code, message }: UserError): string => (HELP[code] === undefined ? message : `${message}.\n${HELP[code]}`);

/** The failure with the place where it happened, for those who may see the canister's logs (dfinity/ic, HypervisorError). */
export const withBacktrace = ({ code, message }: UserError, backtrace: string | undefined): UserError => userError(code, backtrace === undefined ? message : `${message}\n${backtrace}`);

const CALLED = "Canister called `ic0.trap` with message: '";
/**
 * The line of a canister's log about what ended its message. A trap's is the replica's (dfinity/ic, rs/embedders/src/wasm_executor.rs); other
 * failures are logged here only: who develops should not have to ask for them.
 */
export function trapLine({ code, message }: UserError, backtrace: string | undefined): string {
  if (backtrace !== undefined) return `${trapLine({ code, message }, undefined)}\n${backtrace}`;
  if (code === "IC0502") return `[TRAP]: ${message.replace(/^Canister trapped: /, "")}`;
  if (code !== "IC0503" || !message.startsWith(CALLED)) return `[TRAP]: ${message}`;
  const end = message.lastIndexOf("'"), said = message.slice(CALLED.length, end);
  return `[TRAP]: ${said === "" ? "(no message)" : said}${message.slice(end + 1)}`;
}
