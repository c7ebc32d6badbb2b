import type { CborMap, CborValue } from "../../src/replica/codec/cbor.ts";
import { ANONYMOUS, type HostileContext, callContent, ed25519, inMinutes, label, nowNanos, postCall, postQuery, postRead, queryContent, readContent, row, signedBy } from "./buildRequest.ts";

const call = (name: string, changes: CborMap | ((context: HostileContext) => CborMap)) =>
  row(`call: ${name}`, 400, (context) => postCall(context, { content: callContent(context, typeof changes === "function" ? changes(context) : changes) }));
const without = (content: CborMap, field: string): CborMap => Object.fromEntries(Object.entries(content).filter(([key]) => key !== field));
const read = (name: string, paths: CborValue, changes: CborMap = {}) => row(`read_state: ${name}`, 400, (context) => postRead(context, { content: readContent(paths, changes) }));
const REQUIRED = ["request_type", "sender", "ingress_expiry", "canister_id", "method_name", "arg"] as const;

/** Well-formed CBOR whose fields are missing, of a wrong type, or out of range. */
export const wrongFields = [
  ...REQUIRED.map((field) => row(`call: no ${field}`, 400, (context) => postCall(context, { content: without(callContent(context), field) }))),
  ...REQUIRED.map((field) => call(`${field} is a list`, { [field]: [] })),
  ...REQUIRED.map((field) => call(`${field} is null`, { [field]: null })),
  call("request_type in bytes", { request_type: label("call") }),
  call("request_type unknown", { request_type: "update" }),
  call("sender in text", { sender: "2vxsx-fae" }),
  call("sender of 30 bytes", { sender: new Uint8Array(30).fill(1) }),
  call("canister_id in text", ({ canisterId }) => ({ canister_id: canisterId })),
  call("canister_id of 30 bytes", { canister_id: new Uint8Array(30) }),
  call("method_name in bytes", { method_name: label("get") }),
  call("arg in text", { arg: "DIDL" }),
  call("ingress_expiry in text", () => ({ ingress_expiry: String(inMinutes(4)) })),
  call("ingress_expiry negative", { ingress_expiry: -1 }),
  call("ingress_expiry beyond 64 bits", { ingress_expiry: 1n << 64n }),
  call("ingress_expiry zero", { ingress_expiry: 0 }),
  call("ingress_expiry a second ago", () => ({ ingress_expiry: nowNanos() - 1_000_000_000n })),
  call("ingress_expiry in milliseconds", () => ({ ingress_expiry: BigInt(Date.now()) + 240_000n })),
  call("ingress_expiry six minutes ahead", () => ({ ingress_expiry: inMinutes(6) })),
  call("ingress_expiry at the end of time", { ingress_expiry: (1n << 64n) - 1n }),
  call("nonce in text", { nonce: "once" }),
  call("nonce of 33 bytes", { nonce: new Uint8Array(33) }),
  call("an unknown field that cannot be hashed", { extra: true }),
  call("sender_info of the anonymous user", { sender_info: { info: label("i"), signer: Uint8Array.of(1), sig: label("s") } }),
  call("sender_info without a signature", { sender_info: { info: label("i"), signer: Uint8Array.of(1) } }),
  call("sender_info that is bytes", { sender_info: label("info") }),
  row("call: the kind of a query", 400, (context) => postCall(context, { content: queryContent(context) })),
  row("call: the kind of a read_state", 400, (context) => postCall(context, { content: readContent([]) })),
  row("query: the kind of a call", 400, (context) => postQuery(context, { content: callContent(context) })),
  row("query: the kind of a read_state", 400, (context) => postQuery(context, { content: readContent([]) })),
  row("query: nonce of 33 bytes", 400, (context) => postQuery(context, { content: queryContent(context, { nonce: new Uint8Array(33) }) })),
  row("query: signed and expired", 400, (context) => postQuery(context, signedBy(ed25519(), queryContent(context, { ingress_expiry: nowNanos() - 1n })))),
  row("query: signed and far ahead", 400, (context) => postQuery(context, signedBy(ed25519(), queryContent(context, { ingress_expiry: inMinutes(10) })))),
  row("read_state: the kind of a call", 400, (context) => postRead(context, { content: callContent(context) })),
  row("read_state: signed and expired", 400, (context) => postRead(context, signedBy(ed25519(), readContent([[label("time")]], { ingress_expiry: nowNanos() - 1n })))),
  read("no paths", undefined),
  read("paths in a map", { time: [] }),
  read("a path that is bytes", [label("time")]),
  read("a label in text", [["time"]]),
  read("a label that is a list", [[[label("time")]]]),
  read("1001 paths", Array.from({ length: 1001 }, () => [label("time")])),
  read("a path of 128 labels", [Array.from({ length: 128 }, () => label("time"))]),
  read("100,000 paths", Array.from({ length: 100_000 }, () => [])),
  read("sender of 30 bytes", [[label("time")]], { sender: new Uint8Array(30) }),
  row("call: an envelope with a key in text", 400, (context) => postCall(context, { content: callContent(context), sender_pubkey: "key" })),
  row("call: delegations in a map", 400, (context) => postCall(context, { content: callContent(context), sender_delegation: {} })),
  row("call: a delegation that is bytes", 400, (context) => postCall(context, { content: callContent(context, { sender: ANONYMOUS }), sender_delegation: [label("d")] })),
];
