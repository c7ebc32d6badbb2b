import { callManagement, principalOf, rejectionError } from "../../client/management.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { Connection } from "../connect.ts";
import { grouped } from "./settingsText.ts";

const USES = [
  ["instructions", "Instructions"], ["ingress_induction", "Ingress induction"], ["request_and_response_transmission", "Calls and their answers"], ["memory", "Memory"], ["compute_allocation", "Compute allocation"],
  ["canister_creation", "Canister creation"], ["http_outcalls", "HTTP outcalls"], ["burned_cycles", "Burned"], ["uninstall", "Uninstallation"],
] as const;
/** What a canister paid since it was created, by use (interface spec, `canister_metrics`). */
export type Consumption = Readonly<Record<(typeof USES)[number][0], bigint>>;

/** Asks the user's own network, by query; undefined for another one, and for whom it does not tell. */
export async function readConsumption({ client }: Connection, id: string): Promise<Consumption | undefined> {
  if (!client.target.managed) return undefined;
  try {
    const { cycles_consumed: consumed } = await callManagement(client, "canister_metrics", { canister_id: principalOf(id) }, id, (rejection) => rejectionError(id, "canister_metrics", rejection)) as { readonly cycles_consumed: Consumption };
    return consumed;
  } catch (error) {
    if (error instanceof IcxError && error.details["errorCode"] !== undefined) return undefined;
    throw error;
  }
}

/** The sum, and what is not zero of it. */
export function consumptionLines(consumed: Consumption | undefined): readonly string[] {
  if (consumed === undefined) return [];
  const total = USES.reduce((sum, [use]) => sum + consumed[use], 0n);
  return [`Cycles consumed: ${grouped(total)}`, ...USES.filter(([use]) => consumed[use] > 0n).map(([use, title]) => `  ${title}: ${grouped(consumed[use])}`)];
}
