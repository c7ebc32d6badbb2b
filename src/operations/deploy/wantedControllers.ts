import type { CanisterSettings } from "../../context/project.ts";
import type { Connection } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";

/**
 * The controllers that a canister shall have: those that it has and those that the manifest names, by principal or by a canister of the project. Nobody is
 * removed, as icp-cli has it; undefined when the manifest names none. @throws IcxError ICX1007, ICX5008
 */
export function wantedControllers(connection: Pick<Connection, "project" | "ids" | "network">, { controllers }: CanisterSettings, present: readonly string[]): readonly string[] | undefined {
  if (controllers === undefined) return undefined;
  return [...new Set([...present, ...controllers.map((text) => resolveCanister(connection, text))])];
}
