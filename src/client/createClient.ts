import {
  AgentError, AnonymousIdentity, CanisterStatus, Certificate, CertifiedRejectErrorCode, HttpAgent, HttpErrorCode, HttpFetchErrorCode, QueryResponseStatus, SignIdentity, TransportError, TrustError,
  blsVerify, isV2ResponseBody, isV3ResponseBody, lookupResultToBuffer, polling, RequestStatusDoneNoReplyErrorCode, TimeoutWaitingForResponseErrorCode, Endpoint, requestIdOf, type Identity, type Signature, type DerEncodedPublicKey, type HttpAgentRequest,
} from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import type { Trace } from "../context/events.ts";
import type { UserIdentity } from "../context/identity.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { distrust } from "./queryTrust.ts";

const LAST = -1; // the agent runs transforms in falling order of priority
const ANSWER_TIMEOUT_MS = 5 * 60_000; // an ingress message expires within five minutes

/** A certified answer to an update call. */
export interface Updated { readonly requestId: string; readonly certificate: Uint8Array; readonly reply: Uint8Array }
/** A rejection: by the canister, or by the network on its behalf. */
export interface Rejection { readonly code: number; readonly message: string; readonly errorCode: string | undefined; readonly requestId: string; readonly certificate?: Uint8Array }
export type Answer<T> = { readonly kind: "reply"; readonly value: T } | { readonly kind: "reject"; readonly rejection: Rejection };

/** A network seen through `@dfinity/agent`. Failures of transport and trust are IcxErrors 2xxx; rejections are values. */
export interface NetworkClient {
  readonly target: NetworkTarget;
  update(canister: string, method: string, arg: Uint8Array, effectiveCanister?: string): Promise<Answer<Updated>>;
  query(canister: string, method: string, arg: Uint8Array, effectiveCanister?: string): Promise<Answer<{ readonly reply: Uint8Array }>>;
  /** Certified values by path below `/canister/<id>/`; undefined for what is absent. */
  readCanister(canister: string, paths: readonly (readonly string[])[]): Promise<readonly (Uint8Array | undefined)[]>;
}

/** Makes a client; nothing is sent yet. */
export function createClient(target: NetworkTarget, identity: UserIdentity, trace?: Trace): NetworkClient {
  const send = identity.unsigned === true ? target.ownerFetch ?? target.fetch : target.fetch;
  const agent = HttpAgent.createSync({ host: target.url, identity: agentIdentity(identity), rootKey: target.rootKey, retryTimes: target.url.startsWith("https:") ? 3 : 0, verifyQuerySignatures: false /* by us, below */, ...(send !== undefined && { fetch: send }) });
  if (trace !== undefined) traceRequests(agent, trace);
  const guarded = async <T>(work: () => Promise<T>, method: string, canister: string): Promise<T> => { try { return await work(); } catch (error) { throw translate(error, target.url, method, canister, identity); } };
  const remembered = rememberedVerify(target.verifyBls ?? blsVerify), verified = (certificate: Uint8Array, canister: string): Promise<Certificate> => Certificate.create({ certificate, rootKey: target.rootKey, canisterId: Principal.fromText(canister), agent, blsVerify: remembered });
  const known = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();
  /** Keys of the nodes that may answer for a canister, from a certificate of its subnet; asked once. */
  const nodeKeys = (canister: string): Promise<ReadonlyMap<string, Uint8Array>> => {
    const read = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
      const { certificate } = await agent.readState(canister, { paths: [[new TextEncoder().encode("subnet")]] });
      await verified(certificate, canister);
      return CanisterStatus.fetchNodeKeys(certificate, Principal.fromText(canister), target.rootKey).nodeKeys;
    };
    const keys = known.get(canister) ?? read();
    known.set(canister, keys);
    return keys;
  };
  return {
    target,
    update: (canister, method, arg, effectiveCanister = canister) => guarded(async () => {
      const { requestId, response: { body } } = await agent.call(canister, { methodName: method, arg, effectiveCanisterId: effectiveCanister });
      const id = Buffer.from(requestId).toString("hex");
      if (isV2ResponseBody(body)) return reject({ code: body.reject_code, message: body.reject_message, errorCode: body.error_code, requestId: id });
      if (isV3ResponseBody(body)) {
        const certificate = await verified(body.certificate, effectiveCanister);
        trace?.room("trust", "verified", { bytes: body.certificate.length });
        return readAnswer(certificate, body.certificate, requestId, id);
      }
      const answer = await pollAnswer(agent, verified, effectiveCanister, requestId, id);
      trace?.room("trust", "verified", { polled: true });
      return answer;
    }, method, canister),
    query: (canister, method, arg, effectiveCanister = canister) => guarded(async () => {
      nodeKeys(effectiveCanister).catch(() => undefined); // meanwhile
      const answer = await agent.query(canister, { methodName: method, arg, effectiveCanisterId: Principal.fromText(effectiveCanister) });
      const reason = distrust(answer, await nodeKeys(effectiveCanister), Date.now());
      if (reason !== undefined) throw new IcxError(ERRORS.network.untrusted, { url: target.url, reason });
      trace?.room("trust", "verified");
      if (answer.status === QueryResponseStatus.Replied) return { kind: "reply", value: { reply: answer.reply.arg } };
      return reject({ code: answer.reject_code, message: answer.reject_message, errorCode: answer.error_code, requestId: Buffer.from(answer.requestId).toString("hex") });
    }, method, canister),
    readCanister: (canister, paths) => guarded(async () => {
      const principal = Principal.fromText(canister), encoder = new TextEncoder();
      const full = paths.map((path) => [encoder.encode("canister"), principal.toUint8Array(), ...path.map((part) => encoder.encode(part))]);
      const certificate = await verified((await agent.readState(canister, { paths: full })).certificate, canister);
      return full.map((path) => lookupResultToBuffer(certificate.lookup_path(path)));
    }, "read_state", canister),
  };
}

/** Room 4 of the walk: an update or a query gets its id just before it is signed and sent. Runs behind the transform that adds the nonce. */
function traceRequests(agent: HttpAgent, trace: Trace): void {
  const tell = async (request: HttpAgentRequest): Promise<HttpAgentRequest> => {
    if (request.endpoint !== Endpoint.ReadState) {
      trace.request(Buffer.from(requestIdOf({ ...request.body })).toString("hex"));
      trace.room("agent", request.endpoint === Endpoint.Call ? "call" : "query");
    }
    return request;
  };
  agent.addTransform("update", async (request) => await tell(request), LAST);
  agent.addTransform("query", async (request) => await tell(request), LAST);
}

/** A BLS check whose outcome is kept by (key, signature, message): every certificate of a subnet carries the same delegation. */
function rememberedVerify(check: (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean | Promise<boolean>): (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean | Promise<boolean> {
  const outcomes = new Map<string, boolean | Promise<boolean>>();
  return (key, signature, message) => {
    const name = [key, signature, message].map((bytes) => Buffer.from(bytes).toString("base64")).join(".");
    const known = outcomes.get(name) ?? check(key, signature, message);
    outcomes.set(name, known);
    return known;
  };
}

const reject = (rejection: Rejection): { readonly kind: "reject"; readonly rejection: Rejection } => ({ kind: "reject", rejection });

/** Looks for the request in a verified certificate. */
function readAnswer(certificate: Certificate, bytes: Uint8Array, requestId: Uint8Array, id: string): Answer<Updated> {
  const at = (name: string): Uint8Array | undefined => lookupResultToBuffer(certificate.lookup_path(["request_status", requestId, name]));
  const text = (name: string): string | undefined => { const found = at(name); return found === undefined ? undefined : Buffer.from(found).toString("utf8"); };
  const status = text("status");
  if (status === "replied") return { kind: "reply", value: { requestId: id, certificate: bytes, reply: at("reply") ?? new Uint8Array() } };
  if (status === "rejected") return reject({ code: at("reject_code")?.[0] ?? 0, message: text("reject_message") ?? "", errorCode: text("error_code"), requestId: id, certificate: bytes });
  throw new IcxError(ERRORS.canister.expired, { method: id, state: status ?? "unknown" });
}

async function pollAnswer(agent: HttpAgent, verified: (certificate: Uint8Array, canister: string) => Promise<Certificate>, canister: string, requestId: Uint8Array, id: string): Promise<Answer<Updated>> {
  const path = [new TextEncoder().encode("request_status"), requestId], strategy = polling.strategy.chain(polling.strategy.backoff(50, 1.2), polling.strategy.timeout(ANSWER_TIMEOUT_MS));
  for (;;) {
    const { certificate: bytes } = await agent.readState(canister, { paths: [path] }), certificate = await verified(bytes, canister);
    const status = Buffer.from(lookupResultToBuffer(certificate.lookup_path([...path, "status"])) ?? []).toString("utf8");
    if (status !== "" && status !== "received" && status !== "processing") return readAnswer(certificate, bytes, requestId, id);
    await strategy(Principal.fromText(canister), requestId as Parameters<typeof strategy>[1], "processing" as Parameters<typeof strategy>[2]);
  }
}

/** The user's key in the agent's terms. */
function agentIdentity(identity: UserIdentity): Identity {
  const { publicKeyDer } = identity;
  if (identity.unsigned === true) return { getPrincipal: () => Principal.fromText(identity.principal), transformRequest: (request) => Promise.resolve({ ...request, body: { content: request.body } }) };
  return publicKeyDer === undefined ? new AnonymousIdentity() : new KeyIdentity(identity, publicKeyDer);
}

class KeyIdentity extends SignIdentity {
  readonly #identity: UserIdentity;
  readonly #der: Uint8Array;
  constructor(identity: UserIdentity, der: Uint8Array) {
    super();
    this.#identity = identity;
    this.#der = der;
  }
  override getPublicKey(): { toDer(): DerEncodedPublicKey } { return { toDer: () => this.#der as DerEncodedPublicKey }; }
  override async sign(blob: Uint8Array): Promise<Signature> { return this.#identity.sign(blob) as Signature; }
}

function translate(error: unknown, url: string, method: string, canister: string, { unsigned }: UserIdentity): unknown {
  if (!(error instanceof AgentError)) return error;
  const { code } = error;
  if (error instanceof TrustError) return new IcxError(ERRORS.network.untrusted, { url, reason: error.message }, { cause: error });
  if (code instanceof CertifiedRejectErrorCode) return new IcxError(ERRORS.network.requestFailed, { url, reason: code.rejectMessage }, { cause: error });
  if (code instanceof RequestStatusDoneNoReplyErrorCode) return new IcxError(ERRORS.canister.expired, { method, state: "done" }, { cause: error });
  if (code instanceof TimeoutWaitingForResponseErrorCode) return new IcxError(ERRORS.canister.timeout, { method, canister, seconds: ANSWER_TIMEOUT_MS / 1_000, requestId: Buffer.from(code.requestId ?? []).toString("hex") }, { cause: error });
  if (code instanceof HttpErrorCode && unsigned === true && code.status === 400) return new IcxError(ERRORS.network.signaturesNeeded, { url, reason: (code.bodyText ?? code.statusText).trim() }, { cause: error });
  if (code instanceof HttpErrorCode) return new IcxError(ERRORS.network.requestFailed, { url, reason: `HTTP ${code.status} ${code.bodyText ?? code.statusText}`.trim() }, { cause: error });
  if (error instanceof TransportError || code instanceof HttpFetchErrorCode) {
    const deepest = rootCause(code instanceof HttpFetchErrorCode ? code.error : error), refused = (deepest as NodeJS.ErrnoException).code === "ECONNREFUSED";
    return refused ? new IcxError(ERRORS.network.notRunning, { url }, { cause: error }) : new IcxError(ERRORS.network.requestFailed, { url, reason: deepest.message }, { cause: error });
  }
  return new IcxError(ERRORS.network.requestFailed, { url, reason: error.message }, { cause: error });
}

const rootCause = (error: unknown): Error => (error instanceof Error ? (error.cause instanceof Error ? rootCause(error.cause) : error) : { name: "Error", message: String(error) });
