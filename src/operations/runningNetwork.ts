import type { CommandContext } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { Descriptor } from "../network/descriptor.ts";
import type { NetworkFolder } from "../network/networkFolder.ts";

/** Settings that `icx start` may be asked for. */
export interface AskedSettings {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly allowHosts: readonly string[];
  readonly clean: boolean;
  readonly ephemeral: boolean;
  readonly seed: string | undefined;
  /** Virtual nodes of each subnet of a new network. */
  readonly nodes: bigint | undefined;
  /** Subnets of a new network besides the root subnet: `application`, `application:2`. */
  readonly subnets: readonly string[];
}

/** What `icx start` says of a network that runs already. @throws IcxError ICX2003 when it runs with other settings than those asked for */
export function showRunning({ ui }: Pick<CommandContext, "ui">, place: NetworkFolder, running: Descriptor, asked: AskedSettings): void {
  const { url, pid } = running, differences = differencesOf(running, asked);
  if (differences.length > 0) throw new IcxError(ERRORS.network.alreadyRunning, { url, pid, differences: differences.join(", ") }, { details: { url, pid, differences } });
  ui.show({ text: `The network is running already at ${url} (pid ${pid}).`, data: startedDocument(running, place) });
}

function differencesOf(running: Descriptor, { port, host, allowHosts, clean, ephemeral, seed }: AskedSettings): readonly string[] {
  const missing = allowHosts.filter((name) => running.allowHosts?.includes(name) !== true);
  return [
    ...(port === undefined || port === 0 || port === running.port ? [] : [`port ${running.port} instead of ${port}`]),
    ...(host === undefined || host === running.host ? [] : [`host ${running.host ?? "127.0.0.1"} instead of ${host}`]),
    ...missing.map((name) => `without the host name ${name}`),
    ...(ephemeral && running.stateDir !== undefined ? ["with its state on disk"] : []),
    ...(clean ? ["with the state that it has"] : []),
    ...(seed === undefined ? [] : ["with the keys that it has"]),
  ];
}

/** The document of a network that was started. */
export const startedDocument = ({ url, port, pid, rootKey, stateDir, log, movedTo, notices }: Descriptor, place: NetworkFolder): Record<string, unknown> =>
  ({ url, port, pid, root_key: rootKey, stateDir, log: log ?? place.log, movedTo, notices });
