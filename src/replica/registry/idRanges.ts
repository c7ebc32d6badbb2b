import { type CanisterId, indexFromCanisterId, principalFromText, principalToText } from "../types/index.ts";
import type { IdRange } from "./routingTable.ts";

function idOf(text: string): CanisterId {
  const id = principalFromText(text);
  if (id === undefined || indexFromCanisterId(id) === undefined) throw new RangeError(`${text} is no canister id`);
  return id as CanisterId;
}

/** Ranges of canister ids from texts: sorted, neighbours joined. @throws RangeError for what is no canister id, for ranges that are turned round or overlap */
export function idRanges(texts: readonly { readonly start: string; readonly end: string }[]): readonly IdRange[] {
  const joined: IdRange[] = [];
  for (const { start, end } of texts.map((text) => ({ start: idOf(text.start), end: idOf(text.end) })).sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = joined.at(-1);
    if (end < start) throw new RangeError(`the canister ids end before they begin: ${principalToText(start)} to ${principalToText(end)}`);
    if (last !== undefined && start <= last.end) throw new RangeError(`the canister id ${principalToText(start)} is named twice`);
    if (last !== undefined && indexFromCanisterId(start) === indexFromCanisterId(last.end)! + 1n) joined[joined.length - 1] = { start: last.start, end };
    else joined.push({ start, end });
  }
  return joined;
}
