import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { loadProject } from "../../project/loadProject.ts";
import { selectCanisters } from "../../project/selectCanisters.ts";
import { connect, type ConnectOptions } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";

/** `icx canister link`: records the id of a canister that exists already. @throws IcxError ICX1002, ICX5008, ICX6003, ICX6013 */
export async function linkCanister(context: CommandContext, input: ConnectOptions & { readonly name: string; readonly principal: string; readonly force: boolean }): Promise<Shown> {
  const project = loadProject(context, input);
  selectCanisters(project, [input.name]);
  const connection = await connect(context, { ...input, acceptIds: true }), { ids, client, target } = connection, id = resolveCanister({ project: undefined, ids: { ...ids, get: () => undefined } }, input.principal), known = ids.get(input.name);
  if (known !== undefined && known !== id && !input.force) throw new IcxError(ERRORS.canister.linked, { name: input.name, id: known });
  const [controllers] = await client.readCanister(id, [["controllers"]]);
  if (controllers === undefined) throw new IcxError(ERRORS.canister.notFound, { canister: id });
  ids.set(input.name, id);
  return { text: `${input.name} is ${id} on the network ${target.name}.`, data: { canister: input.name, id, network: target.name } };
}
