/** How a deploy is to be done; what is absent is decided by what the network has. */
export interface DeployOptions {
  readonly mode?: "auto" | "install" | "reinstall" | "upgrade" | undefined;
  /** Install argument instead of the manifest's, for the canisters that `named` holds. */
  readonly argument?: GivenArgument | undefined;
  /** Names of the canisters that `argument` and `specifiedId` are for; absent: all. */
  readonly named?: readonly string[] | undefined;
  /** Upgrade also what has not changed. */
  readonly upgradeUnchanged?: boolean;
  /** Fail rather than create. */
  readonly noCreate?: boolean;
  /** Principals that control new canisters beside the user. */
  readonly controllers?: readonly string[];
  /** Cycles for each new canister. */
  readonly cycles?: bigint | undefined;
  readonly specifiedId?: string | undefined;
  /** The user has agreed beforehand (`-y`): breaking an interface is told, not refused. */
  readonly yes?: boolean;
  /** Name of the environment, for scripts; absent: the network's name. */
  readonly environment?: string | undefined;
  /** dfx's `--output-env-file`. */
  readonly outputEnvFile?: string | undefined;
}

/** An install argument as it was given on the command line. */
export type GivenArgument = { readonly format: "candid" | "hex"; readonly text: string } | { readonly format: "bin"; readonly bytes: Uint8Array };
