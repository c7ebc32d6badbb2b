import { Principal } from "@dfinity/principal";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { Location } from "./locate.ts";

/** A canister by its name in the project or by its principal. @throws IcxError ICX1007, ICX5008 */
export function resolveCanister({ project, ids }: Pick<Location, "project" | "ids">, text: string): string {
  const id = ids.get(text);
  if (id !== undefined) return id;
  if (project?.canisters.some(({ name }) => name === text) === true) throw new IcxError(ERRORS.project.noCanisterId, { name: text });
  try {
    return Principal.fromText(text).toText();
  } catch (cause) {
    const known = project?.canisters.map(({ name }) => name) ?? [];
    const suggestion = known.length === 0 ? "Outside a project a canister is named by its principal, such as ryjl3-tyaaa-aaaaa-aaaba-cai." : `The project's canisters are: ${known.join(", ")}.`;
    throw new IcxError(ERRORS.arguments.invalidPrincipal, { text, suggestion }, { cause });
  }
}
