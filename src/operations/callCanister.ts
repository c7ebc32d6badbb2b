import { resolve } from "node:path";
import { signatureText, type CandidInterface, type FunctionType } from "../client/candidType.ts";
import type { Answer, Updated } from "../client/createClient.ts";
import { parseDid } from "../client/didParser.ts";
import { rejectionError } from "../client/management.ts";
import { readDid } from "../client/readDid.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { callArguments, type GivenArguments } from "./callArguments.ts";
import { callReply, type ReplyOutput } from "./callReply.ts";
import { actingAs, connect, type ConnectOptions, type Connection } from "./connect.ts";
import { resolveCanister } from "./resolveCanister.ts";

export interface CallInput extends ConnectOptions, GivenArguments {
  readonly canister: string;
  readonly method: string;
  readonly candid: string | undefined;
  readonly query: boolean;
  readonly update: boolean;
  readonly output: ReplyOutput | undefined;
  /** Who calls, without a signature: a principal, or a canister of the project. */
  readonly as?: string | undefined;
  /** Cycles that the call carries: through a proxy canister, since a user's message carries none. */
  readonly cycles?: bigint | undefined;
  /** That canister; absent: the local network's own. */
  readonly proxy?: string | undefined;
  /** Also tells what the call and the calls that it made did and cost. */
  readonly receipt?: boolean;
}

/** `icx canister call`. @throws IcxError ICX2017 before anything is sent, when an option is for the local network alone */
export async function callCanister(context: CommandContext, input: CallInput): Promise<Shown> {
  const { as, cycles, proxy } = input, connection = await connect(context, { ...input, localOnly: as !== undefined ? "--as" : input.receipt === true ? "--receipt" : cycles !== undefined && proxy === undefined ? "--cycles" : undefined });
  return await callOn(as === undefined ? connection : actingAs(connection, resolveCanister(connection, as), context.ui.trace), context, input);
}

/** One call on a connection: words become bytes by the canister's own interface, bytes become words again. @throws IcxError 5xxx, 6xxx */
export async function callOn(connection: Connection, context: CommandContext, input: CallInput): Promise<Shown> {
  const { io, ui } = context, { client, target, identity } = connection, id = resolveCanister(connection, input.canister);
  if (input.query && input.update) throw new IcxError(ERRORS.arguments.usage, { problem: "`--query` and `--update` exclude each other.", command: "icx canister call" });
  const proxied = input.cycles !== undefined || input.proxy !== undefined;
  if (proxied && (input.query || input.as !== undefined)) throw new IcxError(ERRORS.arguments.usage, { problem: `Cycles travel with the call of a proxy canister, so \`--cycles\` and \`--proxy\` exclude \`${input.query ? "--query" : "--as"}\`.`, command: "icx canister call" });
  if (input.query && input.receipt === true) throw new IcxError(ERRORS.arguments.usage, { problem: "A receipt is of a call that goes through consensus: leave out `--query`.", command: "icx canister call" });
  ui.trace?.room("context", "resolved", { canister: id, network: target.name, identity: identity.name });
  const known = await readInterface(connection, context, id, input);
  const signature = known === undefined ? undefined : findMethod(known, input.canister, input.method);
  const bytes = await callArguments(context, input, input.method, signature, known?.types);
  const asQuery = input.query || (!input.update && !proxied && input.receipt !== true && signature?.modes.some((mode) => mode !== "oneway") === true);
  ui.trace?.room("use-case", "encoded", { method: input.method, bytes: bytes.length });
  const { beginReceipts, receiptOf } = input.receipt === true ? await import("./callReceipt.ts") : {};
  await beginReceipts?.(target);
  const answer = proxied ? await callProxied(connection, input, id, bytes) : asQuery ? await client.query(id, input.method, bytes) : await client.update(id, input.method, bytes);
  const receipt = await receiptOf?.(connection, answer.kind === "reject" ? answer.rejection.requestId : (answer.value as Updated).requestId);
  if (answer.kind === "reject") {
    if (receipt !== undefined) ui.report({ kind: "note", text: receipt.text }); // what was paid is paid
    throw rejectionError(input.canister, input.method, answer.rejection);
  }
  const { reply } = answer.value, width = ui.mode === "terminal" ? io.stdout.columns : undefined;
  const words = callReply(reply, input.output, signature?.results, known?.types ?? new Map(), width);
  if (words.problem !== undefined) ui.report({ kind: "warning", text: words.problem });
  ui.trace?.room("words", words.shownAs === "hex" ? "raw" : "decoded", { bytes: reply.length });
  const { requestId, certificate } = answer.value as Partial<Updated>; // a query carries neither
  return {
    text: receipt === undefined ? words.text : `${words.text}\n\n${receipt.text}`,
    data: {
      canister: input.canister, canisterId: id, method: input.method, kind: asQuery ? "query" : "update", reply: words.reply, ...words.response,
      requestId, certificate, rootKey: connection.target.rootKey, ...(receipt !== undefined && { receipt: receipt.data }),
    },
  };
}

async function callProxied(connection: Connection, { cycles = 0n, proxy, method }: CallInput, canister: string, arg: Uint8Array): Promise<Answer<Updated>> {
  const { client } = connection, { callThrough, localProxy } = await import("../client/proxyCall.ts");
  return await callThrough(client, proxy === undefined ? await localProxy(client, cycles) : resolveCanister(connection, proxy), { canister, method, arg, cycles });
}

/** The canister's interface: the named .did file, else what it publishes as `candid:service`; undefined when it publishes none that can be read. */
async function readInterface({ client }: Connection, { io, ui }: CommandContext, id: string, input: CallInput): Promise<CandidInterface | undefined> {
  if (input.candid !== undefined) return didFile(resolve(io.cwd, input.candid));
  const [published, controllers] = await client.readCanister(id, [["metadata", "candid:service"], ["controllers"]]);
  if (published === undefined && controllers === undefined) throw new IcxError(ERRORS.canister.notFound, { canister: id });
  const warn = (problem: string): void => ui.report({ kind: "warning", text: `${problem}: the argument's types are guessed, and fields of the reply have numbers. \`--candid <file>\` names an interface.` });
  if (published === undefined) { warn(`${input.canister} publishes no candid interface`); return undefined; }
  try { return parseDid(Buffer.from(published).toString("utf8")); } catch (error) {
    if (!(error instanceof IcxError)) throw error;
    warn(`${input.canister} publishes an interface that is none (${error.message})`);
    return undefined;
  }
}

function didFile(file: string): CandidInterface {
  try { return readDid(file); } catch (cause) {
    if (cause instanceof IcxError) throw cause;
    throw new IcxError(ERRORS.project.unreadableFile, { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
}

function findMethod({ methods }: CandidInterface, canister: string, method: string): FunctionType {
  const found = methods.get(method);
  if (found !== undefined) return found;
  const close = nearest(method, [...methods.keys()]);
  const list = [...methods].map(([name, signature]) => `${name} : ${signatureText(signature)}`).join("; ");
  throw new IcxError(ERRORS.arguments.unknownMethod, { canister, method, suggestion: close === undefined ? `It has: ${list === "" ? "none" : list}.` : `Did you mean \`${close}\`?` });
}
