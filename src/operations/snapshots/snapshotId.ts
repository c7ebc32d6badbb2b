import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";

/** The bytes of a snapshot id as the command line has it: hex, with or without `0x`. @throws IcxError ICX5001 */
export function snapshotId(text: string, command: string): Uint8Array {
  const digits = text.replace(/^0x/i, "");
  if (!/^([\da-f]{2})+$/i.test(digits)) throw new IcxError(ERRORS.arguments.usage, { problem: `\`${text}\` is no snapshot id: pairs of hexadecimal digits, as \`icx canister snapshot list\` prints them.`, command: `icx canister snapshot ${command}` });
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** Hex of an id's bytes. */
export const idText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
