import { installModule, type Installation } from "../../client/installModule.ts";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext } from "../../context/context.ts";
import type { Connection } from "../connect.ts";

/** Installs a module; a running canister is stopped for an upgrade or reinstallation, so that no answer meets the wrong program, and started again whatever happens. @throws IcxError ICX6001, ICX6002 */
export async function installCanister({ atEnd }: Pick<CommandContext, "atEnd">, { client }: Pick<Connection, "client">, installation: Installation, running: boolean): Promise<void> {
  const { canister: id, mode } = installation;
  if (mode === "install" || !running) { await installModule(client, installation); return; }
  const target = { canister_id: principalOf(id) };
  let stopped = true;
  const startAgain = async (): Promise<void> => {
    if (!stopped) return;
    stopped = false;
    await callManagement(client, "start_canister", target, id);
  };
  atEnd(startAgain); // an interrupt leaves it running too
  try {
    await callManagement(client, "stop_canister", target, id);
    await installModule(client, installation);
  } finally { await startAgain(); }
}
