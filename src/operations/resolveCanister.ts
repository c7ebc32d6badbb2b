import { Principal } from "@dfinity/principal";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { remoteId } from "./deploy/projectIds.ts";
import type { Location } from "./locate.ts";

/** A canister by its name in the project or by its principal. @throws IcxError ICX1007, ICX5008 */
export function resolveCanister({ project, ids, network }: Pick<Location, "project" | "ids"> & Partial<Pick<Location, "network">>, text: string): string {
  const own = project?.canisters.find(({ name }) => name === text), id = (own === undefined || network === undefined ? undefined : remoteId(own, network)) ?? ids.get(text);
  if (id !== undefined) return id;
  if (own !== undefined) throw new IcxError(ERRORS.project.noCanisterId, { name: text });
  try {
    return Principal.fromText(text).toText();
  } catch {
    const known = project?.canisters.map(({ name }) => name) ?? [], meant = nearest(text, known);
    const suggestion = known.length === 0 ? "Outside a project a canister is named by its principal, such as ryjl3-tyaaa-aaaaa-aaaba-cai." : `${meant === undefined ? "" : `Did you mean \`${meant}\`? `}The project's canisters are: ${known.join(", ")}.`;
    throw new IcxError(ERRORS.arguments.invalidPrincipal, { text, suggestion });
  }
}
