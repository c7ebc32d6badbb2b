import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { type CborMap, decodeCbor, encodeSelfDescribedCbor } from "../../../../src/replica/codec/cbor.ts";
import { requestId } from "../../../../src/replica/codec/requestId.ts";
import { decodeCertificate } from "../../../../src/replica/certification/certificate.ts";
import { adminStatus, adminStop } from "../../../../src/replica/http/adminDoor.ts";
import { digest, forestOf } from "../../../../src/replica/hashTree/labeledTree.ts";
import { whole } from "../../../../src/replica/hashTree/witness.ts";
import { lookup, lookupSubtree, shownLabels } from "../../../../src/replica/hashTree/lookup.ts";
import { createSimulatedRuntime } from "../../../../src/replica/runtime/simulated.ts";
import { type CanisterId, type IngressStatus, type Principal, hexFromBytes, principalBytes, principalToText, time, userError } from "../../../../src/replica/types/index.ts";
import { type HostileContext, callContent, delegate, ed25519, idBytes, label, nowNanos, post, queryContent, readContent, requestMessage, selfAuthenticating, signedBy, signedThrough } from "../../../hostile/buildRequest.ts";
import { natArgument } from "../../../interop/libraries.ts";
import { CONTROLLER, COUNTER, type TestNetwork, createTestNetwork } from "./testNetwork.ts";

const canisterId = principalToText(COUNTER), TOKEN = "a token of the network";
let network: TestNetwork, context: HostileContext, runtime: ReturnType<typeof createSimulatedRuntime>, stopped: () => void, whenStopped: Promise<void>;
beforeEach(async () => {
  runtime = createSimulatedRuntime("timers");
  whenStopped = new Promise((resolve) => { stopped = resolve; });
  network = await createTestNetwork({ timers: runtime.timers, admin: { token: TOKEN, rows: [adminStatus, adminStop(() => stopped())] } });
  context = { url: "http://localhost", canisterId, subnetId: principalToText(network.application.subnetId), rootSubnetId: principalToText(network.root.subnetId) };
});

const decoded = async (response: Response): Promise<CborMap> => {
  expect(response.headers.get("content-type")).toBe("application/cbor");
  const result = decodeCbor(new Uint8Array(await response.arrayBuffer()));
  return (result.ok ? result.value : {}) as CborMap;
};
const increment = (nonce: string): CborMap => callContent(context, { method_name: "increment", arg: natArgument(1n), nonce: label(nonce) });
const send = (path: string, envelope: CborMap): Promise<Response> => network.http(post(context, path, encodeSelfDescribedCbor(envelope)));
const call = (version: "v2" | "v3" | "v4", content: CborMap): Promise<Response> => send(`/api/${version}/canister/${canisterId}/call`, { content });
const treeOf = (certificate: unknown) => { const result = decodeCertificate(certificate as Uint8Array); if (!result.ok) throw new TypeError("no certificate"); return result.value; };
const readAt = (path: string, paths: readonly (readonly Uint8Array[])[]): Promise<Response> => send(path, { content: readContent(paths) });

describe("interface spec, Request: Call", () => {
  test.each(["v3", "v4"] as const)("%s waits for the certificate, with ranges where its clients look", async (version) => {
    const content = increment(version), answer = await decoded(await call(version, content)), { tree, delegation } = treeOf(answer["certificate"]);
    expect(answer["status"]).toBe("replied");
    const status = [label("request_status"), Buffer.from(requestId(content), "hex")];
    expect(lookup([...status, label("reply")], tree)).toEqual({ kind: "found", value: natArgument(1n) });
    const outer = treeOf(delegation!.certificate).tree, id = idBytes(context.subnetId);
    expect(lookup([label("subnet"), id, label("canister_ranges")], outer).kind).toBe(version === "v3" ? "found" : "unknown");
    expect(typeof lookupSubtree([label("canister_ranges"), id], outer) === "string" ? "hidden" : "shown").toBe(version === "v4" ? "shown" : "hidden");
  });
  test("202 and no body after ten seconds, and the answer when asked again", async () => {
    network.application.hold();
    const content = increment("slow"), first = call("v4", content);
    await new Promise((resolve) => setImmediate(resolve));
    runtime.advanceTo(time(runtime.clock.now() + 10_000_000_000n));
    const response = await first;
    expect([response.status, await response.text()]).toEqual([202, ""]);
    network.application.release();
    expect((await decoded(await call("v4", content)))["status"]).toBe("replied");
    expect(network.application.submissions).toBe(1);
  });
  test("duplicates wait together and are submitted once", async () => {
    network.application.hold();
    const content = increment("twice"), both = [call("v4", content), call("v4", content), call("v3", content)];
    while (network.application.submissions === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    network.application.release();
    for (const response of await Promise.all(both)) expect((await decoded(response))["status"]).toBe("replied");
    expect(network.application.submissions).toBe(1);
    expect((await call("v2", content)).status).toBe(202);
    expect(network.application.submissions).toBe(1);
  });
  test("a rejection before replication, with and without waiting", async () => {
    const content = callContent(context, { method_name: "reject" }), expected = { reject_code: 4, error_code: "IC0406", reject_message: "Canister rejected the message" };
    expect(await decoded(await call("v4", content))).toEqual({ status: "non_replicated_rejection", ...expected });
    expect(await decoded(await call("v2", content))).toEqual(expected);
  });
  test("a full pool is 503", async () => {
    for (const version of ["v2", "v4"] as const) {
      network.application.refuseNext({ kind: "overloaded" });
      expect((await call(version, increment(`full ${version}`))).status).toBe(503);
    }
  });
  test("creation may be sent to the management canister's id and goes to the default subnet", async () => {
    network.application.refuseNext(userError("IC0406", "reached the default subnet"));
    const content = callContent(context, { canister_id: new Uint8Array(0), method_name: "provisional_create_canister_with_cycles" });
    expect(await decoded(await send("/api/v4/canister/aaaaa-aa/call", { content }))).toMatchObject({ reject_message: "reached the default subnet" });
  });
  test("subnet endpoints take what is about no canister, and let the subnet judge", async () => {
    network.application.refuseNext(userError("IC0410", "reached the subnet"));
    const content = callContent(context, { canister_id: new Uint8Array(0), method_name: "create_canister" });
    expect(await decoded(await send(`/api/v4/subnet/${context.subnetId}/call`, { content }))).toMatchObject({ status: "non_replicated_rejection", error_code: "IC0410", reject_message: "reached the subnet" });
    const other = callContent(context, { canister_id: new Uint8Array(0), method_name: "stop_canister" });
    expect((await send(`/api/v4/subnet/${context.subnetId}/call`, { content: other })).status).toBe(400);
    const list = queryContent(context, { canister_id: new Uint8Array(0), method_name: "list_canisters" });
    expect(await decoded(await send(`/api/v3/subnet/${context.subnetId}/query`, { content: list }))).toMatchObject({ signatures: [{}] });
  });
});

test("interface spec, Canister signatures: a canister signs for its user with its subnet's certificate", async () => {
  const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
  const signer = idBytes(canisterId), seed = label("user 1"), bits = new Uint8Array([0, signer.length, ...signer, ...seed]), algorithm = Buffer.from("300c060a2b0601040183b8430102", "hex");
  const der = new Uint8Array([0x30, algorithm.length + 2 + bits.length, ...algorithm, 0x03, bits.length, ...bits]);
  const content = { ...increment("signed by a canister"), sender: selfAuthenticating(der) };
  const tree = forestOf([["sig", forestOf([[sha256(seed), forestOf([[sha256(requestMessage(content)), new Uint8Array(0)]])]])]]);
  const counter = network.application.certifiedState().canisters.get(COUNTER)!;
  network.application.setCanister({ ...counter, system: { ...counter.system, certifiedData: digest(tree) } });
  const certificate = network.application.certificate([[label("canister"), signer, label("certified_data")]], "sharded");
  const signed = (bytes: Uint8Array): CborMap => ({ content, sender_pubkey: der, sender_sig: encodeSelfDescribedCbor({ certificate: bytes, tree: whole(tree) as never }) });
  const path = `/api/v4/canister/${canisterId}/call`, forged = new Uint8Array(certificate);
  forged[forged.length >> 1]! ^= 1;
  expect((await send(path, signed(forged))).status).toBe(400);
  expect(await decoded(await send(path, signed(certificate)))).toMatchObject({ status: "replied" });
});

describe("interface spec, Request: Query call", () => {
  test("a rejected query is signed too", async () => {
    expect(await decoded(await send(`/api/v3/canister/${canisterId}/query`, { content: queryContent(context, { method_name: "nothing" }) })))
      .toMatchObject({ status: "rejected", reject_code: 5, error_code: "IC0536", signatures: [{ identity: principalBytes(network.application.nodeId) }] });
  });
  test("503 while there is no certified state", async () => {
    network.application.setHealth("waiting_for_certified_state");
    const response = await send(`/api/v3/canister/${canisterId}/query`, { content: queryContent(context) });
    expect([response.status, await response.text()]).toEqual([503, "Replica is unhealthy: WaitingForCertifiedState. Check the /api/v2/status for more information."]);
    expect((await readAt(`/api/v3/canister/${canisterId}/read_state`, [])).status).toBe(503);
    expect(await decoded(await network.http(new Request("http://localhost/api/v2/status")))).toMatchObject({ replica_health_status: "waiting_for_certified_state" });
  });
});

describe("interface spec, Request: Read state", () => {
  const at = (scope: "canister" | "subnet", version: "v2" | "v3"): string => `/api/${version}/${scope}/${scope === "canister" ? canisterId : context.subnetId}/read_state`;
  test("what may be read where", async () => {
    const own = idBytes(context.subnetId), root = idBytes(context.rootSubnetId), id = idBytes(canisterId), request = new Uint8Array(32);
    const subnet = (...labels: readonly string[]) => [label("subnet"), own, ...labels.map(label)];
    const table: readonly (readonly [string, readonly Uint8Array[], ...(200 | 404 | 400)[]])[] = [ // canister v2, v3, subnet v2, v3
      ["time", [label("time")], 200, 200, 200, 200],
      ["boundary nodes", [label("api_boundary_nodes")], 200, 200, 200, 200],
      ["a domain", [label("api_boundary_nodes"), own, label("domain")], 200, 200, 200, 200],
      ["all subnets", [label("subnet")], 200, 200, 200, 200],
      ["a subnet", subnet(), 200, 200, 200, 200],
      ["its key", subnet("public_key"), 200, 200, 200, 200],
      ["its type", subnet("type"), 200, 200, 200, 200],
      ["its nodes", subnet("node"), 200, 200, 200, 200],
      ["a node's key", [...subnet("node"), own, label("public_key")], 200, 200, 200, 200],
      ["flat ranges", subnet("canister_ranges"), 200, 404, 200, 404],
      ["flat ranges of the root", [label("subnet"), root, label("canister_ranges")], 200, 200, 200, 200],
      ["metrics", subnet("metrics"), 404, 404, 200, 200],
      ["sharded ranges", [label("canister_ranges"), own], 404, 404, 200, 200],
      ["a request", [label("request_status"), request], 200, 200, 200, 200],
      ["a reply", [label("request_status"), request, label("reply")], 200, 200, 200, 200],
      ["the module's hash", [label("canister"), id, label("module_hash")], 200, 200, 404, 404],
      ["controllers", [label("canister"), id, label("controllers")], 200, 200, 404, 404],
      ["the creation's time", [label("canister"), id, label("canister_creation_timestamp")], 200, 200, 404, 404],
      ["metadata", [label("canister"), id, label("metadata"), label("candid:service")], 200, 200, 404, 404],
      ["metadata that is not there", [label("canister"), id, label("metadata"), label("nothing")], 200, 200, 404, 404],
    ];
    const places = [["canister", "v2"], ["canister", "v3"], ["subnet", "v2"], ["subnet", "v3"]] as const;
    for (const [name, path, ...statuses] of table) {
      const got = await Promise.all(places.map(async ([scope, version]) => (await readAt(at(scope, version), [path])).status));
      expect([name, ...got]).toEqual([name, ...statuses]);
    }
  });
  test("from v3 on, a subnet is shown without its flat ranges, the root with them", async () => {
    const labels = async (version: "v2" | "v3", id: string) => {
      const { tree } = treeOf((await decoded(await readAt(at("canister", version), [[label("subnet")]])))["certificate"]);
      return shownLabels([label("subnet"), idBytes(id)], tree).map((name) => Buffer.from(name).toString()).filter((name) => lookup([label("subnet"), idBytes(id), label(name)], tree).kind !== "unknown");
    };
    expect(await labels("v2", context.subnetId)).toEqual(["canister_ranges", "metrics", "node", "public_key", "type"]);
    expect(await labels("v3", context.subnetId)).toEqual(["metrics", "node", "public_key", "type"]);
    expect(await labels("v3", context.rootSubnetId)).toEqual(["canister_ranges", "public_key", "type"]);
  });
  test("private metadata is for controllers", async () => {
    const path = [label("canister"), idBytes(canisterId), label("metadata"), label("secret")], key = ed25519();
    expect((await readAt(at("canister", "v3"), [path])).status).toBe(403);
    const counter = network.application.certifiedState().canisters.get(COUNTER)!, settings = { ...counter.system.settings, controllers: [CONTROLLER, hexFromBytes(key.id) as Principal] };
    network.application.setCanister({ ...counter, system: { ...counter.system, settings } });
    const answer = await decoded(await send(at("canister", "v3"), signedBy(key, readContent([path]))));
    expect(lookup(path, treeOf(answer["certificate"]).tree)).toEqual({ kind: "found", value: label("for controllers") });
  });
  test("a request is shown to its sender, where it was sent, within the delegation", async () => {
    const owner = ed25519(), delegated = ed25519(), id = new Uint8Array(32).fill(7), path = [[label("request_status"), id]];
    const status: IngressStatus = { kind: "received", receiver: COUNTER, sender: hexFromBytes(owner.id) as Principal, effectiveCanisterId: COUNTER, time: time(0n), expiry: time(nowNanos()) };
    network.application.setStatus(hexFromBytes(id) as never, status);
    const read = async (envelope: CborMap, where = at("canister", "v3")) => (await send(where, envelope)).status;
    const through = (targets: readonly Uint8Array[]) => signedThrough(owner, delegated, [delegate(owner, delegated, { targets })], readContent(path));
    expect(await read(signedBy(owner, readContent(path)))).toBe(200);
    expect(await read(signedBy(ed25519(), readContent(path)))).toBe(403);
    expect(await read({ content: readContent(path) })).toBe(403);
    expect(await read(through([idBytes(canisterId)]))).toBe(200);
    expect(await read(through([Uint8Array.of(1)]))).toBe(403);
    const other = principalToText((COUNTER.slice(0, 15) + "10101") as CanisterId);
    expect(await read(signedBy(owner, readContent(path)), `/api/v3/canister/${other}/read_state`)).toBe(403);
  });
});

describe("around the endpoints", () => {
  test("status, root page, HEAD and preflight", async () => {
    const get = (path: string, method = "GET") => network.http(new Request(`http://localhost${path}`, { method }));
    expect(await decoded(await get("/api/v2/status"))).toMatchObject({ root_key: network.view.rootKey, replica_health_status: "healthy" });
    const head = await get("/api/v2/status", "HEAD");
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
    expect(await (await get("/")).text()).toContain(context.subnetId);
    for (const path of ["/api/v2/status", `/api/v4/canister/${canisterId}/call`, "/"]) {
      const preflight = await get(path, "OPTIONS");
      expect([preflight.status, preflight.headers.get("access-control-allow-origin"), preflight.headers.get("access-control-allow-headers")]).toEqual([200, "*", "authorization, accept, content-type, x-icx-node"]);
    }
    expect((await get("/nowhere")).headers.get("access-control-allow-origin")).toBe("*");
    expect((await get(`/api/v4/canister/${canisterId}/call`)).headers.get("allow")).toBe("POST");
  });
  test("the admin door: a token, no web page, its rows", async () => {
    const admin = (path: string, init: RequestInit = {}, token = TOKEN) => network.http(new Request(`http://localhost/_icx/${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } }));
    const status = await admin("status");
    expect([status.status, status.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    expect(await status.json()).toMatchObject({ rootKey: Buffer.from(network.view.rootKey).toString("hex"), subnets: [{ type: "system" }, { type: "application" }] });
    expect((await admin("status", {}, `${TOKEN}!`)).status).toBe(401);
    expect((await admin("status", {}, "")).status).toBe(401);
    expect((await admin("status", { headers: { origin: "http://localhost" } })).status).toBe(403);
    expect((await admin("stop")).status).toBe(405);
    expect((await admin("nothing")).status).toBe(404);
    expect((await admin("stop", { method: "POST" })).status).toBe(202);
    await whenStopped;
  });
  test("a broken invariant is 500 and is told to the owner", async () => {
    const faults: unknown[] = [];
    const broken = await createTestNetwork({ onFault: (error) => faults.push(error) });
    Object.assign(broken.application, { ask: () => { throw new RangeError("a broken room"); } });
    expect((await broken.http(post(context, `/api/v3/canister/${canisterId}/query`, encodeSelfDescribedCbor({ content: queryContent(context) })))).status).toBe(500);
    expect(faults).toEqual([new RangeError("a broken room")]);
  });
});
