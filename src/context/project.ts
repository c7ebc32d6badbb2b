/** A module that somebody else has made: a file of the project, or an address. */
export type ModuleSource = { readonly kind: "file"; readonly path: string } | { readonly kind: "url"; readonly url: string };

/** One step of a build that runs by steps, as icp-cli has them. */
export type BuildStep =
  | { readonly kind: "script"; readonly commands: readonly string[] }
  | { readonly kind: "pre-built"; readonly source: ModuleSource; readonly sha256?: string };

/** What a deployed canister is given afterwards. */
export type SyncStep =
  | { readonly kind: "script"; readonly commands: readonly string[] }
  | { readonly kind: "unsupported"; readonly what: string };

/** How a canister's module comes to be. Paths are absolute. */
export type BuildRecipe =
  | {
    readonly kind: "motoko"; readonly main: string; readonly args: readonly string[];
    /** A .did file that is published instead of the compiler's own. */
    readonly candid?: string;
    /** dfx's `packtool`: a command that prints `--package name folder` lines. */
    readonly packtool?: string;
  }
  | { readonly kind: "rust"; readonly package: string; /** The crate whose artifact is taken, if it is not called like the package. */ readonly crate?: string; /** Cargo is run there. */ readonly folder: string; readonly candid?: string; readonly locked: boolean }
  | { readonly kind: "steps"; readonly steps: readonly BuildStep[]; /** Where the module is expected (dfx.json); absent: at `$ICP_WASM_OUTPUT_PATH`. */ readonly wasm?: string; readonly candid?: string }
  /** Something that icx does not build yet: `what` says which and why. */
  | { readonly kind: "unsupported"; readonly what: string };

/** A custom section that is written into a module. */
export interface ModuleMetadata { readonly name: string; readonly content: { readonly text: string } | { readonly path: string }; readonly visibility: "public" | "private"; /** Written for these networks alone. */ readonly networks?: readonly string[] }
/** What is done with a module after it was built. */
export interface Finishing { readonly metadata: readonly ModuleMetadata[]; readonly shrink: boolean; readonly gzip: boolean }

/** An install argument as the manifest has it. */
export type InitArgs = { readonly format: "candid" | "hex"; readonly text: string } | { readonly format: "bin"; readonly bytes: Uint8Array };

/** Who may see something of a canister: its logs, its status, its snapshots. */
export type Visibility = "controllers" | "public" | { readonly allowedViewers: readonly string[] };

/** Controls of a canister; absent means the network's default. Sizes in bytes, times in seconds, cycles as whole numbers. */
export interface CanisterSettings {
  readonly computeAllocation?: bigint;
  readonly memoryAllocation?: bigint;
  readonly freezingThreshold?: bigint;
  readonly reservedCyclesLimit?: bigint;
  readonly wasmMemoryLimit?: bigint;
  readonly wasmMemoryThreshold?: bigint;
  readonly logMemoryLimit?: bigint;
  readonly logVisibility?: Visibility;
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** Principals, or names of canisters of the project, besides the one who creates it. */
  readonly controllers?: readonly string[];
}

/** Bindings that `icx generate` writes for a canister (dfx.json, `declarations`). */
export interface Declarations { readonly bindings: readonly ("js" | "ts" | "did" | "mo")[]; readonly output?: string; readonly nodeCompatibility: boolean }

export interface ProjectCanister {
  readonly name: string;
  /** Commands run there, and its relative paths began there. */
  readonly folder: string;
  readonly recipe: BuildRecipe;
  readonly finishing: Finishing;
  readonly sync: readonly SyncStep[];
  /** dfx's hooks: shell commands around the installation. */
  readonly hooks: { readonly preInstall: readonly string[]; readonly postInstall: readonly string[] };
  readonly initArgs?: InitArgs;
  /** What an upgrade is given instead of `initArgs` (icp.yaml, `upgrade_args`). */
  readonly upgradeArgs?: InitArgs;
  readonly settings: CanisterSettings;
  /** What the mops.toml beside its canister.yaml says, if it has one of its own. */
  readonly motoko?: MotokoSetup;
  /** Canisters to build and deploy first, and those whose ids its sources import. */
  readonly dependencies: readonly string[];
  /** dfx's `remote`: on these networks the canister exists already and is never deployed. Network → id. */
  readonly remoteIds: Readonly<Record<string, string>>;
  /** The id that it asks for on a local network. */
  readonly specifiedId?: string;
  readonly declarations?: Declarations;
}

/** A subnet that a managed network is asked for: its type (`SUBNET_TYPES`), how many virtual nodes it has, and the size that its fees follow. */
export interface WantedSubnet { readonly type: "application" | "fiduciary" | "system" | "verified-application" | "bitcoin" | "sns" | "cloud-engine"; readonly nodes?: number; readonly pricedAs?: number }

/** A network that the project names: its own managed one, or one reached by URL. */
export interface ProjectNetwork {
  readonly name: string;
  readonly managed: boolean;
  readonly url?: string;
  /** Hex of the DER root key. */
  readonly rootKey?: string;
  /** The root key is to be fetched from the network itself (`root-key: fetch`). */
  readonly fetchRootKey?: boolean;
  /** Its canister ids are worth keeping in the repository: connected networks, and dfx's `type: persistent`. */
  readonly persistent?: boolean;
  /** The port that the manifest asks a managed network to take. */
  readonly port?: number;
  /** The address that it asks it to listen on. */
  readonly host?: string;
  /** Subnets besides the root subnet that the manifest asks for. */
  readonly subnets?: readonly WantedSubnet[];
  /** Virtual nodes of each subnet that it asks for. */
  readonly nodes?: number;
  /** What the manifest asks of it and icx does not do: worth saying when it is started. */
  readonly notes?: readonly string[];
}

/** A named set of canisters on a network, with what differs there. `local` and `ic` exist in every project. */
export interface ProjectEnvironment {
  readonly name: string;
  readonly network: string;
  /** Names of the canisters that belong to it; absent: all. */
  readonly canisters?: readonly string[];
  /** Canister → what replaces the manifest's settings there. */
  readonly settings: Readonly<Record<string, CanisterSettings>>;
  readonly initArgs: Readonly<Record<string, InitArgs>>;
  readonly upgradeArgs?: Readonly<Record<string, InitArgs>>;
}

/** What mops.toml says of Motoko in this project. */
export interface MotokoSetup {
  /** Package name → folder of its sources. */
  readonly packages: Readonly<Record<string, string>>;
  /** Version, or path, of the compiler that mops.toml pins. */
  readonly compiler?: string;
}

/** A project, whichever file describes it. */
export interface Project {
  readonly root: string;
  readonly manifest: string;
  readonly format: "icp.yaml" | "dfx.json";
  readonly canisters: readonly ProjectCanister[];
  readonly networks: readonly ProjectNetwork[];
  readonly environments: readonly ProjectEnvironment[];
  readonly motoko: MotokoSetup;
  /** dfx's `output_env_file`: its block of variables is rewritten by build and deploy. */
  readonly outputEnvFile?: string;
  /** Things worth saying once, such as that dfx.json was passed over for icp.yaml. */
  readonly notes: readonly string[];
  /** The environment whose selection and overrides were applied (`inEnvironment`); absent: none yet. */
  readonly environment?: string;
  /** Names of canisters that this environment leaves out. */
  readonly leftOut?: readonly string[];
}
