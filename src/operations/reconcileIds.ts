import type { IdMirror } from "../project/idMirror.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { Connection } from "./connect.ts";

/**
 * Brings the mapping file of icp-cli or dfx in line with what the network remembers. An id that only the file knows is taken over if the canister
 * exists; one that exists nowhere is forgotten. Nothing is asked while both agree. @throws IcxError ICX1015 for two different canisters of one name
 */
export async function reconcileIds(connection: Pick<Connection, "client" | "ids">, mirror: IdMirror | undefined, acceptIds: boolean): Promise<void> {
  if (mirror === undefined) return;
  const { ids } = connection, mirrored = mirror.read();
  for (const [name, id] of Object.entries(mirrored)) {
    const known = ids.get(name);
    if (known === id || !(await exists(connection, id))) continue;
    if (known !== undefined && await exists(connection, known)) {
      if (acceptIds) continue;
      throw new IcxError(ERRORS.project.idConflict, { name, known, mirrored: id, file: mirror.file }, { details: { canister: name, ids: [known, id], file: mirror.file } });
    }
    ids.set(name, id);
  }
  mirror.write(ids.all());
}

/** Whether the network has the canister. What it does not even route is not there. */
async function exists({ client }: Pick<Connection, "client">, id: string): Promise<boolean> {
  try {
    return (await client.readCanister(id, [["controllers"]]))[0] !== undefined;
  } catch (error) {
    if (error instanceof IcxError && error.code === ERRORS.network.notRunning.code) throw error;
    return false;
  }
}
