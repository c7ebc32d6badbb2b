import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of builds (4xxx). */
export const buildErrors = {
  motoko: { code: "ICX4001", message: "Motoko found errors in the canister {name}:\n{diagnostics}", hint: "Correct the places above and run `icx build` again." },
  missingSource: { code: "ICX4002", message: "The source file {file} of the canister {name} does not exist.", hint: "Check the path in {manifest}." },
  unsupportedKind: { code: "ICX4003", message: "icx cannot build the canister {name}: {kind}.", hint: "Use the recipe `@dfinity/motoko` or `@dfinity/prebuilt`, a `pre-built` step or a `script` step." },
  scriptFailed: { code: "ICX4004", message: "A command of the canister {name} failed with exit code {exitCode}: {command}\n{output}", hint: "Run the command by hand in the canister's folder to see more." },
  noOutput: { code: "ICX4005", message: "The build steps of {name} ended without writing a module to {where}.", hint: "The last step must write the wasm module there." },
  invalidModule: { code: "ICX4006", message: "What was built for {name} is not a wasm module: {reason}", hint: "A canister module begins with the bytes 00 61 73 6d." },
  hashMismatch: { code: "ICX4007", message: "The module of {name} has the SHA-256 {actual}, not {expected}.", hint: "Correct `sha256` in the manifest or fetch the right file." },
  compilerCrashed: { code: "ICX4008", message: "The Motoko compiler stopped while building {name}: {reason}", hint: "If the program is valid this is a bug of the compiler; a smaller program may show it." },
  unknownPackage: { code: "ICX4009", message: "The Motoko package {package} that {name} depends on is not in the project.", hint: "Run `mops install`; `core` comes with icx." },
  notACompiler: { code: "ICX4010", message: "{source} names {path}, which is no Motoko compiler that runs here.", hint: "Correct or unset {source}; without it icx finds a compiler by itself." },
  noShell: { code: "ICX4011", message: "There is no bash to run the project's commands with (looked for: {looked}).", hint: "Install Git for Windows from https://git-scm.com, or set ICP_CLI_BASH_PATH to a bash.exe." },
  downloadFailed: { code: "ICX4012", message: "The module of {name} cannot be had from {url}: {reason}", hint: "Check the address, or download the file yourself and name it with `path`." },
  noCargo: { code: "ICX4013", message: "The canister {name} is written in Rust, and there is no cargo on the PATH.", hint: "Install Rust from https://rustup.rs, then run `rustup target add wasm32-unknown-unknown`." },
  noWasmTarget: { code: "ICX4014", message: "Rust is installed without the target {target} that {name} is compiled for.", hint: "Run `rustup target add {target}`." },
  noModule: { code: "ICX4015", message: "Cargo built the package {package} of {name}, and no wasm module came of it.", hint: "Its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`." },
  importCycle: { code: "ICX4016", message: "Canisters import each other, and none of their interfaces is known before it is built: {path}.", hint: "Give one of them a `candid` file in {manifest}." },
  unknownInterface: { code: "ICX4017", message: "{name} imports `canister:{imported}`, whose interface is not known.", hint: "Give {imported} a `candid` file in {manifest}." },
  unsupportedMotoko: { code: "ICX4018", message: "The Motoko compiler that comes with icx cannot build {name}: it does not take {what}.", hint: "Remove it, or install moc, which does, and set ICX_MOC to it." },
  noPackages: { code: "ICX4019", message: "{command}, which lists the Motoko packages of {name}, printed no package: {reason}", hint: "Run it by hand in {folder}; it must print lines such as `--package base .mops/base@0.16.0/src`." },
} as const satisfies Record<string, ErrorDescriptor>;
