import { Actor, CanisterStatus, HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { describe, expect, test } from "vitest";
import { principalToText } from "../../../../src/replica/types/index.ts";
import { COUNTER, createTestNetwork } from "./testNetwork.ts";

describe("the unmodified agent over the function", () => {
  test("update with certificate, query with the node's signature, read_state", async () => {
    const { fetch, view } = await createTestNetwork();
    const agent = await HttpAgent.create({ host: "http://localhost", fetch, rootKey: new Uint8Array(view.rootKey), verifyQuerySignatures: true, shouldSyncTime: false, identity: Ed25519KeyIdentity.generate() as never });
    const actor = Actor.createActor<{ increment(n: bigint): Promise<bigint>; get(): Promise<bigint> }>(
      ({ IDL }) => IDL.Service({ increment: IDL.Func([IDL.Nat], [IDL.Nat], []), get: IDL.Func([], [IDL.Nat], ["query"]) }), { agent, canisterId: principalToText(COUNTER) });
    expect(await actor.increment(5n)).toBe(5n);
    expect(await actor.get()).toBe(5n);
    const status = await CanisterStatus.request({ agent, canisterId: Principal.fromText(principalToText(COUNTER)), paths: ["time", "controllers", "module_hash", "candid", "subnet"] });
    expect(status.get("candid")).toContain("increment");
    void IDL;
  });
});
