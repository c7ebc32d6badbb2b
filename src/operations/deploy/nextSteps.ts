import type { BuiltCanister } from "../../build/builder.ts";
import { parseDid } from "../../client/didParser.ts";

/** A command to try next that works when it is pasted: a query that takes nothing, else the canister's status. */
export function nextStep({ name, candid }: Pick<BuiltCanister, "name" | "candid">): string {
  const method = candid === undefined ? undefined : plainQuery(candid);
  return method === undefined ? `icx canister status ${name}` : `icx canister call ${name} ${method}`;
}

function plainQuery(candid: string): string | undefined {
  try {
    for (const [method, { args, modes }] of parseDid(candid).methods) if (args.length === 0 && modes.includes("query") && /^[A-Za-z]\w*$/.test(method)) return method;
  } catch { /* an interface that cannot be read names no method */ }
  return undefined;
}
