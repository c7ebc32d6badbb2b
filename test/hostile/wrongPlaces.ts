import { encodeSelfDescribedCbor } from "../../src/replica/codec/cbor.ts";
import { type HostileContext, callContent, callPath, idBytes, label, post, postCall, postRead, queryContent, readContent, row, subnetReadPath } from "./buildRequest.ts";

const UNROUTABLE = "2vxsx-fae", NO_SUCH_SUBNET = "em77e-bvlzu-aq";
const goodCall = (context: HostileContext): Uint8Array => encodeSelfDescribedCbor({ content: callContent(context) });
const goodQuery = (context: HostileContext): Uint8Array => encodeSelfDescribedCbor({ content: queryContent(context) });
const goodRead = encodeSelfDescribedCbor({ content: readContent([[label("time")]]) });
const management = (context: HostileContext, method: string) => callContent(context, { canister_id: new Uint8Array(0), method_name: method });
const typed = (contentType: string | undefined) => (context: HostileContext): Request => post(context, callPath(context), goodCall(context), contentType === undefined ? {} : { "content-type": contentType });
const withMethod = (method: string, path: (context: HostileContext) => string) => (context: HostileContext): Request => new Request(`${context.url}${path(context)}`, { method });
const to = (path: (context: HostileContext) => string, body: (context: HostileContext) => Uint8Array = goodCall) => (context: HostileContext): Request => post(context, path(context), body(context));
const MIB = 1024 * 1024;

/** Requests to addresses, of types, methods and sizes that nobody serves. */
const places = [
  row("a path that nobody serves", 404, to(() => "/api/v9/canister/aaaaa-aa/call")),
  row("no path below /api", 404, to(() => "/api/")),
  row("a verb that nobody serves", 404, to(({ canisterId }) => `/api/v2/canister/${canisterId}/update`)),
  row("a slash too many", 404, to((context) => `${callPath(context)}/`)),
  row("a slash missing", 404, to(({ canisterId }) => `/api/v2/canister${canisterId}/call`)),
  row("a scope that nobody serves", 404, to(({ canisterId }) => `/api/v2/node/${canisterId}/call`)),
  row("query at v4", 404, to(({ canisterId }) => `/api/v4/canister/${canisterId}/query`, goodQuery)),
  row("call of a subnet at v2", 404, to(({ subnetId }) => `/api/v2/subnet/${subnetId}/call`)),
  row("query of a subnet at v2", 404, to(({ subnetId }) => `/api/v2/subnet/${subnetId}/query`, goodQuery)),
  row("steps upwards", 404, to(({ canisterId }) => `/api/v2/canister/${canisterId}/call/../../../../etc/passwd`)),
  row("a query string for a path", 404, to(() => "/api?path=/api/v2/status")),
  row("an id that is not text of a principal", 400, to(() => "/api/v4/canister/hello/call")),
  row("an id with a wrong checksum", 400, to(({ canisterId }) => `/api/v4/canister/${canisterId.replace(/^./, (first) => (first === "a" ? "b" : "a"))}/call`)),
  row("an id without its dashes", 400, to(({ canisterId }) => `/api/v4/canister/${canisterId.replaceAll("-", "")}/call`)),
  row("an id of 10,000 letters", 400, to(() => `/api/v4/canister/${"a".repeat(10_000)}/call`)),
  row("an empty id", 400, to(() => "/api/v4/canister//call")),
  row("an id with a zero byte", 400, to(({ canisterId }) => `/api/v4/canister/${canisterId}%00/call`)),
  row("an id in unicode", 400, to(() => "/api/v4/canister/%F0%9F%92%A5/call")),
  row("an id of no subnet", 400, to(() => `/api/v4/canister/${UNROUTABLE}/call`)),
  row("query of an id of no subnet", 400, to(() => `/api/v3/canister/${UNROUTABLE}/query`, goodQuery)),
  row("read_state of an id of no subnet", 400, to(() => `/api/v3/canister/${UNROUTABLE}/read_state`, () => goodRead)),
  row("an unknown subnet", 400, to(() => `/api/v3/subnet/${NO_SUCH_SUBNET}/read_state`, () => goodRead)),
  row("a canister for a subnet", 400, to(({ canisterId }) => `/api/v3/subnet/${canisterId}/read_state`, () => goodRead)),
  row("a call of another canister than the address says", 400, (context) => postCall(context, { content: callContent(context, { canister_id: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1) }) })),
  row("a query of another canister than the address says", 400, (context) => post(context, `/api/v3/canister/${context.canisterId}/query`, encodeSelfDescribedCbor({ content: queryContent(context, { canister_id: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1) }) }))),
  row("a canister's call at the address of the management canister", 400, to(() => "/api/v4/canister/aaaaa-aa/call")),
  row("canister_status at the address of the management canister", 400, to(() => "/api/v4/canister/aaaaa-aa/call", (context) => encodeSelfDescribedCbor({ content: management(context, "canister_status") }))),
  row("a query at the address of the management canister", 400, to(() => "/api/v3/canister/aaaaa-aa/query", goodQuery)),
  row("a canister's call at the address of a subnet", 400, to(({ subnetId }) => `/api/v4/subnet/${subnetId}/call`)),
  row("install_code at the address of a subnet", 400, to(({ subnetId }) => `/api/v4/subnet/${subnetId}/call`, (context) => encodeSelfDescribedCbor({ content: management(context, "install_code") }))),
  row("a canister's query at the address of a subnet", 400, to(({ subnetId }) => `/api/v3/subnet/${subnetId}/query`, goodQuery)),
  row("no content type", 400, typed(undefined)),
  row("content type text", 400, typed("text/plain")),
  row("content type JSON", 400, typed("application/json")),
  row("content type CBOR with a parameter", 400, typed("application/cbor; charset=utf-8")),
  row("content type of a form", 400, typed("application/x-www-form-urlencoded")),
  row("GET of a call", 405, withMethod("GET", callPath)),
  row("PUT of a call", 405, withMethod("PUT", callPath)),
  row("DELETE of a call", 405, withMethod("DELETE", callPath)),
  row("PATCH of a query", 405, withMethod("PATCH", ({ canisterId }) => `/api/v3/canister/${canisterId}/query`)),
  row("GET of a read_state", 405, withMethod("GET", ({ canisterId }) => `/api/v3/canister/${canisterId}/read_state`)),
  row("POST of the status", 405, withMethod("POST", () => "/api/v2/status")),
  row("POST of the root page", 405, withMethod("POST", () => "/")),
  row("a body beyond 5 MiB", 413, to(callPath, () => new Uint8Array(5 * MIB + 1))),
  row("a message beyond 3.5 MiB", 413, (context) => postCall(context, { content: callContent(context, { arg: new Uint8Array(3.6 * MIB) }) })),
  row("the admin door from a web page", 403, ({ url }) => new Request(`${url}/_icx/status`, { headers: { origin: "https://example.com", authorization: "Bearer guess" } })),
  row("the admin door without a token", [401, 404], ({ url }) => new Request(`${url}/_icx/status`)),
  row("the admin door with a guess", [401, 404], ({ url }) => new Request(`${url}/_icx/stop`, { method: "POST", headers: { authorization: "Bearer 0" } })),
];

const at = (name: string, status: number, paths: (context: HostileContext) => readonly (readonly Uint8Array[])[]) => row(`read_state: ${name}`, status, (context) => postRead(context, { content: readContent(paths(context)) }));
const atSubnet = (name: string, status: number, paths: (context: HostileContext) => readonly (readonly Uint8Array[])[]) =>
  row(`read_state of the subnet: ${name}`, status, (context) => post(context, subnetReadPath(context), encodeSelfDescribedCbor({ content: readContent(paths(context)) })));
const path = (...labels: readonly (string | Uint8Array)[]): readonly Uint8Array[] => labels.map((part) => (typeof part === "string" ? label(part) : part));

/** Interface spec, "Request: Read state": paths that cannot be requested. */
const paths = [
  at("the whole tree", 404, () => [path()]),
  at("below the time", 404, () => [path("time", "zone")]),
  at("all canisters", 404, () => [path("canister")]),
  at("all of a canister", 404, ({ canisterId }) => [path("canister", idBytes(canisterId))]),
  at("certified data", 404, ({ canisterId }) => [path("canister", idBytes(canisterId), "certified_data")]),
  at("all metadata", 404, ({ canisterId }) => [path("canister", idBytes(canisterId), "metadata")]),
  at("below metadata", 404, ({ canisterId }) => [path("canister", idBytes(canisterId), "metadata", "name", "more")]),
  at("controllers of another canister", 400, () => [path("canister", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1), "controllers")]),
  at("controllers of 30 bytes", 400, () => [path("canister", new Uint8Array(30), "controllers")]),
  at("metadata of another canister", 400, () => [path("canister", Uint8Array.of(7), "metadata", "candid:service")]),
  at("metadata whose name is not UTF-8", 400, ({ canisterId }) => [path("canister", idBytes(canisterId), "metadata", Uint8Array.of(0xc3, 0x28))]),
  at("all requests", 404, () => [path("request_status")]),
  at("a request id of 31 bytes", 400, () => [path("request_status", new Uint8Array(31))]),
  at("a request id of nothing", 400, () => [path("request_status", new Uint8Array(0), "reply")]),
  at("two requests", 400, () => [path("request_status", new Uint8Array(32)), path("request_status", new Uint8Array(32).fill(1))]),
  at("an unknown part of a request", 404, () => [path("request_status", new Uint8Array(32), "arg")]),
  at("streams", 404, () => [path("streams")]),
  at("the state's own metadata", 404, () => [path("metadata")]),
  at("metrics away from the subnet", 404, ({ subnetId }) => [path("subnet", idBytes(subnetId), "metrics")]),
  at("sharded ranges away from the subnet", 404, ({ subnetId }) => [path("canister_ranges", idBytes(subnetId))]),
  at("flat ranges at v3", 404, ({ subnetId }) => [path("subnet", idBytes(subnetId), "canister_ranges")]),
  at("beyond a node's key", 404, ({ subnetId }) => [path("subnet", idBytes(subnetId), "node", Uint8Array.of(1), "public_key", "bits")]),
  at("one bad path among good ones", 404, () => [path("time"), path("subnet"), path("secrets")]),
  atSubnet("a canister's controllers", 404, ({ canisterId }) => [path("canister", idBytes(canisterId), "controllers")]),
  atSubnet("metrics of another subnet", 400, ({ rootSubnetId }) => [path("subnet", idBytes(rootSubnetId), "metrics")]),
  atSubnet("all sharded ranges", 404, () => [path("canister_ranges")]),
  atSubnet("sharded ranges of two subnets", 400, ({ subnetId, rootSubnetId }) => [path("canister_ranges", idBytes(subnetId)), path("canister_ranges", idBytes(rootSubnetId))]),
  atSubnet("flat ranges at v3", 404, ({ subnetId }) => [path("subnet", idBytes(subnetId), "canister_ranges")]),
];

export const wrongPlaces = [...places, ...paths];
