import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { decodeReply, encodeArguments } from "../client/candidArguments.ts";
import { signatureText, type CandidInterface, type FunctionType } from "../client/candidType.ts";
import type { Updated } from "../client/createClient.ts";
import { parseDid } from "../client/didParser.ts";
import { rejectionError } from "../client/management.ts";
import { plainValue } from "../client/plainValue.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { connect, type ConnectOptions, type Connection } from "./connect.ts";
import { nearest } from "../errors/nearest.ts";
import { resolveCanister } from "./resolveCanister.ts";

export interface CallInput extends ConnectOptions {
  readonly canister: string;
  readonly method: string;
  readonly args: string | undefined;
  readonly argsFile: string | undefined;
  readonly argsFormat: "candid" | "hex" | undefined;
  readonly candid: string | undefined;
  readonly query: boolean;
  readonly update: boolean;
  readonly output: "candid" | "json" | "hex" | undefined;
}

/** `icx canister call`. */
export async function callCanister(context: CommandContext, input: CallInput): Promise<Shown> {
  return await callOn(await connect(context, input), context, input);
}

/** One call on a connection: words become bytes by the canister's own interface, bytes become words again. @throws IcxError 5xxx, 6xxx */
export async function callOn(connection: Connection, { io, ui }: Pick<CommandContext, "io" | "ui">, input: CallInput): Promise<Shown> {
  const { client, target, identity } = connection, id = resolveCanister(connection, input.canister);
  ui.trace?.room("context", "resolved", { canister: id, network: target.name, identity: identity.name });
  const known = await readInterface(connection, id, input.candid === undefined ? undefined : resolve(io.cwd, input.candid));
  if (known === undefined) ui.report({ kind: "warning", text: `${input.canister} publishes no candid interface: the argument's types are guessed and the reply is shown as bytes. \`--candid <file>\` names one.` });
  const signature = known === undefined ? undefined : findMethod(known, input.canister, input.method);
  const text = input.argsFile === undefined ? input.args ?? "" : readFileSync(resolve(io.cwd, input.argsFile), "utf8");
  const bytes = input.argsFormat === "hex" ? fromHex(text) : encodeArguments(text, input.method, signature, known?.types);
  const asQuery = input.query || (!input.update && signature?.modes.some((mode) => mode !== "oneway") === true);
  ui.trace?.room("use-case", "encoded", { method: input.method, bytes: bytes.length });
  const answer = asQuery ? await client.query(id, input.method, bytes) : await client.update(id, input.method, bytes);
  if (answer.kind === "reject") throw rejectionError(input.canister, input.method, answer.rejection);
  const { reply } = answer.value, hex = Buffer.from(reply).toString("hex");
  const decoded = signature === undefined || input.output === "hex" ? undefined : decodeReply(reply, signature.results, known!.types);
  const values = decoded?.values.map(plainValue);
  ui.trace?.room("words", decoded === undefined ? "raw" : "decoded", { bytes: reply.length });
  const { requestId, certificate } = answer.value as Partial<Updated>; // a query carries neither
  return {
    text: decoded === undefined ? hex : input.output === "json" ? JSON.stringify(values) : decoded.text,
    data: { canister: input.canister, canisterId: id, method: input.method, kind: asQuery ? "query" : "update", reply: { candid: decoded?.text, values, hex }, requestId, certificate, rootKey: connection.target.rootKey },
  };
}

/** The canister's interface: the named .did file, else what it publishes as `candid:service`; undefined when it publishes none. */
async function readInterface({ client }: Connection, id: string, file: string | undefined): Promise<CandidInterface | undefined> {
  if (file !== undefined) return parseDid(readFileSync(file, "utf8"));
  const [published, controllers] = await client.readCanister(id, [["metadata", "candid:service"], ["controllers"]]);
  if (published === undefined && controllers === undefined) throw new IcxError(ERRORS.canister.notFound, { canister: id });
  return published === undefined ? undefined : parseDid(Buffer.from(published).toString("utf8"));
}

function findMethod({ methods }: CandidInterface, canister: string, method: string): FunctionType {
  const found = methods.get(method);
  if (found !== undefined) return found;
  const close = nearest(method, [...methods.keys()]);
  const list = [...methods].map(([name, signature]) => `${name} : ${signatureText(signature)}`).join("; ");
  throw new IcxError(ERRORS.arguments.unknownMethod, { canister, method, suggestion: close === undefined ? `It has: ${list === "" ? "none" : list}.` : `Did you mean \`${close}\`?` });
}

function fromHex(text: string): Uint8Array {
  const digits = text.trim();
  if (!/^([\da-fA-F]{2})*$/.test(digits)) throw new IcxError(ERRORS.arguments.invalidCandid, { line: 1, column: 1, problem: "expected pairs of hexadecimal digits" });
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
