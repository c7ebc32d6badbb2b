import { describe, expect, test } from "vitest";
import { bytesFromHex } from "../../src/replica/types/index.ts";
import { universalModule } from "../canisters/universal.ts";
import { createUniversalSubnet, failureOf, replyOf, textOf, u64At } from "./universalSubnet.ts";
import { run } from "./universal.ts";

const WIDTHS = [["32 bits", {}], ["64 bits", { memory64: true }]] as const;

describe.each(WIDTHS)("the universal canister with memories of %s", (_name, options) => {
  test("computes, keeps and loops", async () => {
    const canister = (await createUniversalSubnet(options)).canister();
    const sum = run().push(0).setVariableFrom(1).times(5, run().getVariable(1).drop().push(7).do("add").setVariableFrom(1)).getVariable(1).drop().do("asBlob").reply();
    expect(u64At(replyOf(canister.update(sum)))).toBe(35n);
    expect(replyOf(canister.query(run().getVariable(1).drop().do("asBlob").reply()))).toEqual(Uint8Array.of(35, 0, 0, 0, 0, 0, 0, 0));
    expect(textOf(replyOf(canister.query(run().push("con", "cat").concat().reply())))).toBe("concat");
    expect(textOf(replyOf(canister.query(run().push(1).when(run().reply("yes").do("stop")).reply("no"))))).toBe("yes");
    expect(textOf(replyOf(canister.query(run().push(0).when(run().reply("yes").do("stop")).reply("no"))))).toBe("no");
    expect(failureOf(canister.query(run().raw(200))).code).toBe("IC0502");
  });
  test("calls another and passes its answer on", async () => {
    const subnet = await createUniversalSubnet(options), [a, b] = [subnet.canister(), subnet.canister()];
    expect(textOf(replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reply("from b") }))))).toBe("from b");
    expect(textOf(replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reject("not now") }))))).toBe("\x04not now");
    expect(replyOf(a.update(run().call({ callee: run().take("canister_self"), method: "query", arg: run().take("msg_caller").reply() })))).toEqual(bytesFromHex(a.id));
  });
  test("is a few KiB", async () => { expect((await universalModule(options)).length).toBeLessThan(10_000); });
});
