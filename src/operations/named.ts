import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { short } from "../ui/shortId.ts";

const UNKNOWN = { node: ERRORS.network.unknownNode, subnet: ERRORS.network.unknownSubnet };
/** So many of those that a text fits are shown. */
const SHOWN_MAX = 4;

/** The one node or subnet that a text names: its id or the beginning of it. `command` is what would be typed again. @throws IcxError ICX2019, ICX2021 */
export function named<T extends { readonly id: string }>(kind: keyof typeof UNKNOWN, all: readonly T[], text: string, command: string): T {
  const fitting = all.filter(({ id }) => id.startsWith(text.toLowerCase())), [found] = fitting;
  if (found !== undefined && fitting.length === 1 && text !== "") return found;
  const close = found === undefined ? nearest(text, all.map(({ id }) => short(id))) : undefined;
  const shown = fitting.slice(0, SHOWN_MAX).map(({ id }) => short(id)).join(", ");
  const suggestion = fitting.length > 1 ? `Give more of it: ${shown}${fitting.length > SHOWN_MAX ? ", …" : ""}.` : close === undefined ? `\`icx ${kind} list\` shows them.` : `Did you mean \`${command} ${close}\`?`;
  throw new IcxError(UNKNOWN[kind], { count: fitting.length === 0 ? `no ${kind}` : `${fitting.length} ${kind}${fitting.length === 1 ? "" : "s"}`, text, suggestion });
}
