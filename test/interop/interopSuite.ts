import type { Certificate } from "@dfinity/agent";
import { Decoder } from "cbor-x";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flipped, positionsOf, recording, spreadPositions, tampering } from "./flips.ts";
import { IDENTITIES, type InteropTarget, LIBRARIES, type Library, agentFor, counterOf, delegatedIdentity, emptyArgument, natArgument } from "./libraries.ts";

const ENVELOPE_SAMPLES = 64;
/** A changed certificate costs the agent 50 ms to refuse. */
const ANSWER_SAMPLES = 7;
/** Agents check each certificate in pure JavaScript; a busy machine takes its time. */
const TIMEOUT_MS = 60_000;
/** The self-describing tag says nothing about the content; agents skip it. */
const TAG_BYTES = 3;

/** One suite for every implementation: whoever passes it can be spoken to by the published agents. */
export function interopSuite(name: string, start: () => Promise<InteropTarget>): void {
  describe(`${name} and the published agents`, () => {
    let target: InteropTarget;
    beforeAll(async () => { target = await start(); }, 120_000);
    afterAll(() => target.close());

    describe.each(LIBRARIES)("$name", (library) => {
      test.each(IDENTITIES)("$name: update, query with checked node signature", async ({ make }) => {
        const counter = counterOf(library, await agentFor(library, target, await make()), target);
        const before = await counter.get();
        expect(await counter.increment(3n)).toBe(before + 3n);
        expect(await counter.get()).toBe(before + 3n);
      }, TIMEOUT_MS);
      readsState(library, () => target);
      asynchronousCalls(library, () => target);
      refusesTamperedAnswers(library, () => target);
    });

    test.each(IDENTITIES.filter((identity) => identity.name !== "anonymous"))("no flipped bit of an envelope gets through: $name", async ({ make }) => {
      await refusesFlippedEnvelopes(target, await make());
    }, TIMEOUT_MS);

    test("a delegation for another canister opens no door", async () => {
      const counter = counterOf(LIBRARIES[0], await agentFor(LIBRARIES[0], target, await delegatedIdentity(2, ["aaaaa-aa"])), target);
      await expect(counter.increment(1n)).rejects.toThrow(/not one of the delegation targets/);
      await expect(counter.get()).rejects.toThrow();
    }, TIMEOUT_MS);
  });
}

/** The older agent names the canister as `canisterId`, the newer one inside `principal`. */
function verifyCertificate({ agent, principal }: Library, { rootKey, canisterId }: InteropTarget, certificate: Uint8Array): Promise<Certificate> {
  const id = principal.Principal.fromText(canisterId), options = { certificate, rootKey: new Uint8Array(rootKey), canisterId: id, principal: { canisterId: id } };
  return agent.Certificate.create(options);
}

function readsState(library: Library, target: () => InteropTarget): void {
  test("read_state and the canister's status", async () => {
    const agent = await agentFor(library, target(), await IDENTITIES[1]!.make()), { Principal } = library.principal;
    const canisterId = Principal.fromText(target().canisterId);
    const { certificate } = await agent.readState(canisterId, { paths: [[new TextEncoder().encode("time")]] });
    const verified = await verifyCertificate(library, target(), certificate);
    expect(verified.lookup_path(["time"]).status).toBe("Found");
    const status = await library.agent.CanisterStatus.request({ agent, canisterId, paths: ["time", "controllers", "module_hash", "subnet"] });
    expect(status.get("module_hash")).toMatch(/^[0-9a-f]{64}$/);
    expect(Math.abs(Number(status.get("time") as Date) - Date.now())).toBeLessThan(300_000);
    expect(status.get("controllers")).toBeInstanceOf(Array);
    expect(status.get("subnet")).toMatchObject({ nodeKeys: expect.any(Map) as unknown });
  }, TIMEOUT_MS);
}

function asynchronousCalls(library: Library, target: () => InteropTarget): void {
  test("an asynchronous call is answered through read_state", async () => {
    const agent = await agentFor(library, target(), await IDENTITIES[2]!.make()), counter = counterOf(library, agent, target());
    const before = await counter.get();
    const { requestId, response } = await agent.call(target().canisterId, { methodName: "increment", arg: natArgument(2n), effectiveCanisterId: target().canisterId, callSync: false });
    expect(response.status).toBe(202);
    const { reply } = await library.agent.polling.pollForResponse(agent, library.principal.Principal.fromText(target().canisterId), requestId);
    expect(Buffer.from(reply).toString("hex")).toBe(Buffer.from(natArgument(before + 2n)).toString("hex"));
  }, TIMEOUT_MS);
}

function refusesTamperedAnswers(library: Library, target: () => InteropTarget): void {
  test("a flipped bit in a query's answer is refused by the agent", async () => {
    const honest = counterOf(library, await agentFor(library, target(), await IDENTITIES[0]!.make()), target());
    const value = await honest.get();
    let length = 0;
    const measuring = tampering(target().fetch, "/query", (body) => { length = body.length; return body; });
    expect(await counterOf(library, await agentFor(library, target(), await IDENTITIES[0]!.make(), measuring), target()).get()).toBe(value);
    for (const position of spreadPositions(length, ANSWER_SAMPLES).filter((at) => at >= TAG_BYTES)) {
      const agent = await agentFor(library, target(), await IDENTITIES[0]!.make(), tampering(target().fetch, "/query", (body) => flipped(body, position)));
      await expect(counterOf(library, agent, target()).get(), `byte ${position} of ${length}`).rejects.toThrow();
    }
  }, TIMEOUT_MS);

  test("a flipped bit in a certificate is refused by the agent", async () => {
    const { Principal } = library.principal, canisterId = Principal.fromText(target().canisterId), time = [new TextEncoder().encode("time")];
    const agent = await agentFor(library, target(), await IDENTITIES[0]!.make());
    const { certificate } = await agent.readState(canisterId, { paths: [time] });
    const verify = (bytes: Uint8Array): Promise<unknown> => verifyCertificate(library, target(), bytes);
    await verify(certificate);
    for (const position of spreadPositions(certificate.length, ANSWER_SAMPLES).filter((at) => at >= TAG_BYTES)) {
      await expect(verify(flipped(certificate, position)), `byte ${position} of ${certificate.length}`).rejects.toThrow();
    }
  }, TIMEOUT_MS);
}

/** One bit changed at 64 spread places and in every byte of every signature: each such envelope is refused. */
async function refusesFlippedEnvelopes(target: InteropTarget, identity: Awaited<ReturnType<typeof delegatedIdentity>>): Promise<void> {
  const { fetch, sent } = recording(target.fetch), agent = await agentFor(LIBRARIES[0], target, identity, fetch);
  await agent.query(target.canisterId, { methodName: "get", arg: emptyArgument() });
  const query = sent.find(({ url }) => url.endsWith("/query"))!;
  const envelope = new Decoder({ mapsAsObjects: true, useRecords: false }).decode(Buffer.from(query.body)) as { sender_sig: Uint8Array; sender_delegation?: readonly { signature: Uint8Array }[] };
  const signatures = [envelope.sender_sig, ...(envelope.sender_delegation ?? []).map(({ signature }) => signature)];
  const positions = new Set([...spreadPositions(query.body.length, ENVELOPE_SAMPLES), ...signatures.flatMap((signature) => positionsOf(query.body, signature))]);
  expect(positions.size).toBeGreaterThan(100);
  const post = (body: Uint8Array): Promise<Response> => target.fetch(query.url, { method: "POST", headers: { "content-type": "application/cbor" }, body: new Uint8Array(body) });
  expect((await post(query.body)).status).toBe(200);
  const accepted: number[] = [];
  for (const position of positions) {
    const { status } = await post(flipped(query.body, position));
    if (status < 400 || status >= 500) accepted.push(position);
  }
  expect(accepted, `positions of ${query.body.length} that were not refused`).toEqual([]);
}
