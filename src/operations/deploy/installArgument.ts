import type { BuiltCanister } from "../../build/builder.ts";
import { encodeArguments } from "../../client/candidArguments.ts";
import { parseDid } from "../../client/didParser.ts";
import type { InitArgs, ProjectCanister } from "../../context/project.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";

/** The argument in bytes: what was given, else the manifest's for an installation or an upgrade. Candid text is typed by the interface's constructor; nothing is the empty list of values. @throws IcxError ICX5003, ICX5004 */
export function installArgument({ name, initArgs, upgradeArgs = initArgs }: Pick<ProjectCanister, "name" | "initArgs" | "upgradeArgs">, { candid }: Pick<BuiltCanister, "candid">, given: InitArgs | undefined, upgrade = false): Uint8Array {
  const wanted = given ?? (upgrade ? upgradeArgs : initArgs) ?? { format: "candid", text: "" };
  switch (wanted.format) {
    case "bin": return wanted.bytes;
    case "hex": return hexBytes(wanted.text);
    case "candid": {
      const did = candid === undefined ? undefined : parseDid(candid);
      return encodeArguments(wanted.text, `${name} (install)`, did === undefined ? undefined : { args: did.init }, did?.types);
    }
  }
}

function hexBytes(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "").replace(/^0x/i, "");
  if (!/^([\da-fA-F]{2})*$/.test(digits)) throw new IcxError(ERRORS.arguments.invalidCandid, { line: 1, column: 1, problem: "expected pairs of hexadecimal digits" });
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
