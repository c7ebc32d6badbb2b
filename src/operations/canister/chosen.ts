import type { CommandContext } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { ConnectOptions, Connection } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";

/** Which canisters a verb is about: one by name or principal, or all of the project. */
export interface Choice { readonly canister: string | undefined; readonly all: boolean }
/** What a verb of one canister is given. */
export interface CanisterInput extends ConnectOptions { readonly canister: string }
/** What a verb of one canister or of all is given. */
export interface ChoiceInput extends ConnectOptions, Choice {}
/** A canister as the user named it, and its principal. */
export interface Chosen { readonly name: string; readonly id: string }

/** The chosen canisters; of all, those that exist on the network. @throws IcxError ICX1001, ICX1007, ICX5001, ICX5008 */
export function chosen({ io }: Pick<CommandContext, "io">, connection: Pick<Connection, "project" | "ids">, { canister, all }: Choice, command: string): readonly Chosen[] {
  if (canister !== undefined) return [{ name: canister, id: resolveCanister(connection, canister) }];
  if (!all) throw new IcxError(ERRORS.arguments.usage, { problem: "Name a canister, or pass `--all`.", command });
  const { project, ids } = connection;
  if (project === undefined) throw new IcxError(ERRORS.project.notFound, { directory: io.cwd });
  return project.canisters.flatMap(({ name }) => { const id = ids.get(name); return id === undefined ? [] : [{ name, id }]; });
}

/** One canister's document as it is, several under `canisters`. */
export const oneOrAll = (documents: readonly unknown[], { canister }: Choice): unknown => (canister === undefined ? { canisters: documents } : documents[0]);
