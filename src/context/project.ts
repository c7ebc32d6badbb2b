/** How a canister's module comes to be. Paths are absolute. */
export type BuildRecipe =
  | { readonly kind: "motoko"; readonly main: string; readonly args: readonly string[]; readonly candid?: string }
  | { readonly kind: "prebuilt"; readonly wasm: string; readonly sha256?: string; readonly candid?: string }
  | { readonly kind: "script"; readonly commands: readonly string[]; readonly wasm?: string; readonly candid?: string }
  | { readonly kind: "unsupported"; readonly what: string };

/** Controls that a canister is created with; absent means the network's default. */
export interface CanisterSettings {
  readonly computeAllocation?: bigint;
  readonly memoryAllocation?: bigint;
  readonly freezingThreshold?: bigint;
  readonly reservedCyclesLimit?: bigint;
  readonly wasmMemoryLimit?: bigint;
}

export interface ProjectCanister {
  readonly name: string;
  readonly recipe: BuildRecipe;
  /** Candid text of the install argument. */
  readonly initArgs?: string;
  readonly settings: CanisterSettings;
  /** Canisters to build and deploy first. */
  readonly dependencies: readonly string[];
}

/** A network that the project names: its own managed one, or one reached by URL. */
export interface ProjectNetwork {
  readonly name: string;
  readonly managed: boolean;
  readonly url?: string;
  /** Hex of the DER root key. */
  readonly rootKey?: string;
  /** The port that the manifest asks a managed network to take. */
  readonly port?: number;
}

/** A project, whichever file describes it. */
export interface Project {
  readonly root: string;
  readonly manifest: string;
  readonly format: "icp.yaml" | "dfx.json";
  readonly canisters: readonly ProjectCanister[];
  readonly networks: readonly ProjectNetwork[];
  /** Package name → folder of its sources, for Motoko. */
  readonly motokoPackages: Readonly<Record<string, string>>;
  /** Version, or path, of the compiler that mops.toml pins. */
  readonly motokoCompiler?: string;
}
