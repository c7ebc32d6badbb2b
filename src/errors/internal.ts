import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of icx itself (9xxx). */
export const internalErrors = {
  unexpected: { code: "ICX9001", message: "icx failed unexpectedly: {reason}", hint: "This is a bug in icx; run again with ICX_DEBUG=1 to see where, and please report it." },
  interrupted: { code: "ICX9003", message: "Interrupted.", hint: "Run the command again to finish.", exitCode: 130 },
  nodeTooOld: { code: "ICX9002", message: "icx needs Node {needed} or newer; this is {actual}.", hint: "Install a newer Node from https://nodejs.org." },
} as const satisfies Record<string, ErrorDescriptor>;
