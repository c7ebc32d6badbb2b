import type { Project } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { environmentOf } from "./inEnvironment.ts";

/** What the command line says of where to work: `-n`, `-e`. */
export interface PlaceChoice { readonly network?: string | undefined; readonly environment?: string | undefined }
/** Where a command works: the environment of the project, and the network's name or URL. */
export interface Place {
  readonly environment: string;
  readonly network: string;
  /** The environment is one of the project's: its selection and overrides hold. */
  readonly defined: boolean;
}

const isUrl = (text: string): boolean => /^https?:\/\//.test(text);
const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/**
 * Where a command works: the options, else `ICX_ENVIRONMENT`, `ICP_ENVIRONMENT`, `ICX_NETWORK`, `ICP_NETWORK`, `DFX_NETWORK`, else `local`. A network
 * stands for the environment of its name, or for the one environment that is on it. @throws IcxError ICX1012, ICX5001 for two that differ
 */
export function chooseEnvironment(project: Project | undefined, choice: PlaceChoice, env: Readonly<Record<string, string | undefined>>): Place {
  const { network, environment } = choice;
  if (environment === undefined && network !== undefined) return onNetwork(project, network);
  const named = environment ?? given(env["ICX_ENVIRONMENT"]) ?? given(env["ICP_ENVIRONMENT"]);
  if (named === undefined) return onNetwork(project, given(env["ICX_NETWORK"]) ?? given(env["ICP_NETWORK"]) ?? given(env["DFX_NETWORK"]) ?? "local");
  if (project === undefined || isUrl(named)) return onNetwork(project, named);
  const found = environmentOf(project, named);
  if (network !== undefined && network !== found.network) throw new IcxError(ERRORS.arguments.usage, { problem: `The environment ${named} is on the network ${found.network}, and \`-n\` says ${network}.`, command: "icx deploy" });
  return { environment: named, network: found.network, defined: true };
}

function onNetwork(project: Project | undefined, network: string): Place {
  const there = isUrl(network) ? [] : project?.environments.filter((environment) => environment.network === network) ?? [];
  const chosen = there.find(({ name }) => name === network) ?? (there.length === 1 ? there[0] : undefined);
  return { environment: chosen?.name ?? network, network, defined: chosen !== undefined };
}
