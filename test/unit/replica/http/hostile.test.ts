import { beforeAll, describe, expect, test } from "vitest";
import { principalToText } from "../../../../src/replica/types/index.ts";
import { type HostileContext, hostileRequests, sendHostileRequests } from "../../../hostile/hostileRequests.ts";
import { COUNTER, type TestNetwork, createTestNetwork } from "./testNetwork.ts";

describe("hostile requests", () => {
  let network: TestNetwork, context: HostileContext;
  beforeAll(async () => {
    network = await createTestNetwork();
    context = { url: "http://localhost", canisterId: principalToText(COUNTER), subnetId: principalToText(network.application.subnetId), rootSubnetId: principalToText(network.root.subnetId) };
  });

  test("there are many, each under its own name", () => {
    expect(hostileRequests.length).toBeGreaterThan(200);
    expect(new Set(hostileRequests.map(({ name }) => name)).size).toBe(hostileRequests.length);
  });
  test("each is refused with its status and a sentence", async () => {
    expect(await sendHostileRequests(network.http, context)).toEqual([]);
    expect(network.application.submissions + network.root.submissions).toBe(0);
  });
});
