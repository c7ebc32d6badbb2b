import type { Report } from "../context/events.ts";
import type { BuildRecipe, Project, ProjectCanister } from "../context/project.ts";

/** A canister's module, ready to be installed. */
export interface BuiltCanister {
  readonly name: string;
  readonly wasm: Uint8Array;
  /** SHA-256 of the module, hex: what the network reports as module hash. */
  readonly moduleHash: string;
  /** The candid interface, if it is known. */
  readonly candid?: string;
  /** Where the interface was written. */
  readonly candidPath?: string;
  /** Signature of Motoko's stable variables, as the compiler writes it (`.most`). */
  readonly stableTypes?: string;
  /** Nothing had to be compiled. */
  readonly cached: boolean;
  /** Where the module was written. */
  readonly wasmPath: string;
}

/** What a builder gives before it is finished and written. */
export interface BuildOutput { readonly wasm: Uint8Array; readonly candid?: string; readonly stableTypes?: string; readonly cached: boolean }

/** What all builds of one run know. */
export interface BuildScope {
  readonly report: Report;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The environment, or network, that is built for: `local` by default. */
  readonly network: string;
  /** Canister → id: every canister of the project has one, a placeholder if it was not created yet. */
  readonly ids: Readonly<Record<string, string>>;
  /** Canister → interface, of those whose interface is known by now. */
  readonly interfaces: Readonly<Record<string, { readonly text: string; readonly path: string }>>;
  readonly interrupted?: AbortSignal | undefined;
}

export interface BuildRequest<R extends BuildRecipe = BuildRecipe> {
  readonly project: Project;
  readonly canister: ProjectCanister;
  readonly recipe: R;
  readonly scope: BuildScope;
  /** Where results are kept by content, for as long as the project lives. */
  readonly cacheFolder: string;
  /** Where this canister's files are written. */
  readonly outputFolder: string;
}

/** One way to make a module. @throws IcxError 4xxx */
export type CanisterBuilder<R extends BuildRecipe> = (request: BuildRequest<R>) => Promise<BuildOutput>;
