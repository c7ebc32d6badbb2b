import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { connect } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";

/** `icx canister metadata`: a certified custom section of the module. Text is shown as it is, other bytes in hex. @throws IcxError ICX6003, ICX6014 */
export async function canisterMetadata(context: CommandContext, input: CanisterInput & { readonly name: string }): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  const [section, controllers] = await connection.client.readCanister(id, [["metadata", input.name], ["controllers"]]);
  if (controllers === undefined) throw new IcxError(ERRORS.canister.notFound, { canister: id });
  if (section === undefined) throw new IcxError(ERRORS.canister.noMetadata, { canister: input.canister, name: input.name });
  const value = asText(section) ?? Buffer.from(section).toString("hex");
  return { text: value, data: { value } };
}

function asText(bytes: Uint8Array): string | undefined {
  try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return undefined; }
}
