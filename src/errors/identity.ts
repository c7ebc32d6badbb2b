import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of identities (3xxx). */
export const identityErrors = {
  unreadable: { code: "ICX3001", message: "The identity {name} cannot be read from {file}: {reason}", hint: "Restore the file from a backup, or choose another identity with `--identity`." },
  unknown: { code: "ICX3002", message: "There is no identity named {name}.", hint: "{suggestion} Create one with `icx identity new {name}`." },
  exists: { code: "ICX3003", message: "An identity named {name} exists already.", hint: "Choose another name; icx never overwrites a key." },
  invalidName: { code: "ICX3004", message: "{name} is not a usable identity name.", hint: "Use letters, digits, `.`, `-` and `_`, starting with a letter or digit.", exitCode: 2 },
  unwritable: { code: "ICX3005", message: "The identity's file {path} cannot be written: {reason}", hint: "Set ICX_HOME to a folder that you can write; icx keeps keys and settings there." },
  notImportable: { code: "ICX3006", message: "{file} cannot be imported: {reason}", hint: "A PEM file with an Ed25519, secp256k1 or P-256 key is expected, as dfx, icp-cli and OpenSSL write it." },
  encrypted: { code: "ICX3007", message: "{file} cannot be imported: {reason}.", hint: "Name a file with its password: `--decryption-password-from-file <file>`." },
  anonymous: { code: "ICX3008", message: "The anonymous identity has no key and cannot be {action}.", hint: "It signs nothing; choose another one with `--identity`.", exitCode: 2 },
  inUse: { code: "ICX3009", message: "The identity {name} is the one in use.", hint: "Choose another one first: `icx identity use anonymous`." },
  notAPhrase: { code: "ICX3010", message: "{file} holds no seed phrase: a word or their check sum is wrong.", hint: "Twelve to twenty-four English words (BIP 39) are expected, in their order." },
} as const satisfies Record<string, ErrorDescriptor>;
