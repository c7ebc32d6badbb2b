import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of identities (3xxx). */
export const identityErrors = {
  unreadable: { code: "ICX3001", message: "The identity {name} cannot be read from {file}: {reason}", hint: "Restore the file from a backup, or choose another identity with `--identity`." },
  unknown: { code: "ICX3002", message: "There is no identity named {name}.", hint: "Known identities: {known}. Create one with `icx identity new {name}`." },
  exists: { code: "ICX3003", message: "An identity named {name} exists already.", hint: "Choose another name; icx never overwrites a key." },
  invalidName: { code: "ICX3004", message: "{name} is not a usable identity name.", hint: "Use letters, digits, `.`, `-` and `_`, starting with a letter or digit.", exitCode: 2 },
} as const satisfies Record<string, ErrorDescriptor>;
