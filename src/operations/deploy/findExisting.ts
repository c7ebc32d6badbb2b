import { canisterStatus, type CanisterStatus } from "../../client/canisterStatus.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { Connection } from "../connect.ts";

/** A canister that the network has under a name of the project. */
export interface ExistingCanister {
  readonly id: string;
  /** Hex; undefined for an empty canister. */
  readonly moduleHash: string | undefined;
  /** What only its controllers learn; undefined for others. */
  readonly status: CanisterStatus | undefined;
  /** Why its status is not known: the network's own words. */
  readonly refusal: IcxError | undefined;
}

const NOT_FOUND = "IC0301", NOT_ALLOWED = ["IC0512", "IC0542"];

/** The canister that the project calls by this name, if the network still has it. @throws IcxError 2xxx, ICX6001 */
export async function findExisting({ client, ids }: Pick<Connection, "client" | "ids">, name: string): Promise<ExistingCanister | undefined> {
  const id = ids.get(name);
  if (id === undefined) return undefined;
  let refusal: IcxError;
  try {
    const status = await canisterStatus(client, id);
    return { id, moduleHash: status.moduleHash, status, refusal: undefined };
  } catch (error) {
    if (!(error instanceof IcxError)) throw error;
    const { errorCode: code } = error.details;
    if (code === NOT_FOUND) return undefined;
    if (typeof code !== "string" || !NOT_ALLOWED.includes(code)) throw error;
    refusal = error;
  }
  const [moduleHash, controllers] = await client.readCanister(id, [["module_hash"], ["controllers"]]);
  return controllers === undefined ? undefined : { id, moduleHash: moduleHash === undefined ? undefined : Buffer.from(moduleHash).toString("hex"), status: undefined, refusal };
}
