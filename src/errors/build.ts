import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of builds (4xxx). */
export const buildErrors = {
  motoko: { code: "ICX4001", message: "Motoko found errors in the canister {name}:\n{diagnostics}", hint: "Correct the places above and run `icx build` again." },
  missingSource: { code: "ICX4002", message: "The source file {file} of the canister {name} does not exist.", hint: "Check the path in {manifest}." },
  unsupportedKind: { code: "ICX4003", message: "icx cannot build the canister {name}: {kind}.", hint: "Use the recipe `@dfinity/motoko` or `@dfinity/prebuilt`, a `pre-built` step or a `script` step." },
  scriptFailed: { code: "ICX4004", message: "The build step of {name} failed with exit code {exitCode}: {command}\n{output}", hint: "Run the command by hand in the project's folder to see more." },
  noOutput: { code: "ICX4005", message: "The build steps of {name} ended without writing a module to $ICP_WASM_OUTPUT_PATH.", hint: "The last step must write the wasm module there." },
  invalidModule: { code: "ICX4006", message: "What was built for {name} is not a wasm module: {reason}", hint: "A canister module begins with the bytes 00 61 73 6d." },
  hashMismatch: { code: "ICX4007", message: "The module of {name} has the SHA-256 {actual}, not {expected}.", hint: "Correct `sha256` in the manifest or fetch the right file." },
  compilerCrashed: { code: "ICX4008", message: "The Motoko compiler stopped while building {name}: {reason}", hint: "If the program is valid this is a bug of the compiler; a smaller program may show it." },
  unknownPackage: { code: "ICX4009", message: "The Motoko package {package} that {name} depends on is not in the project.", hint: "Run `mops install`; `core` comes with icx." },
  notACompiler: { code: "ICX4010", message: "{source} names {path}, which is no Motoko compiler that runs here.", hint: "Correct or unset {source}; without it icx finds a compiler by itself." },
} as const satisfies Record<string, ErrorDescriptor>;
