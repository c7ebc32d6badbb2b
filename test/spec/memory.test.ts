import { describe, expect, test } from "vitest";
import { createUniversalSubnet, failureOf, replyOf, textOf, u64At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const PAGE = 65536, MINUS_ONE = (1n << 64n) - 1n;
const read = (offset: number | bigint, size: number): Program => run().push(size).do("alloc").setVariable(5).getVariable(5).drop().push(offset, size).ic0("stable64_read").getVariable(5);
const write = (offset: number | bigint, text: string): Program => run().push(offset, text).ic0("stable64_write");

describe.each([["32", { memory64: false }], ["64", { memory64: true }]] as const)("Stable memory: with memories of %s bits", async (_width, options) => {
  const { canister } = await createUniversalSubnet(options), made = canister();
  test("is empty, grows by pages of zeroes and answers its size before", () => {
    expect(u64At(replyOf(made.query(run().number("stable64_size").reply())))).toBe(0n);
    const grown = replyOf(made.update(run().number("stable64_grow", 1).number("stable64_grow", 2).concat().number("stable64_size").concat().splice(read(3 * PAGE - 4, 4)).concat().reply()));
    expect([u64At(grown), u64At(grown, 8), u64At(grown, 16), [...grown.subarray(24)]]).toEqual([0n, 1n, 3n, [0, 0, 0, 0]]);
  });
  test("keeps what is written, also across a page's end; queries forget", () => {
    replyOf(made.update(write(PAGE - 3, "across").reply("x")));
    expect(textOf(replyOf(made.query(read(PAGE - 3, 6).reply())))).toBe("across");
    expect(textOf(replyOf(made.query(write(PAGE - 3, "ACROSS").splice(read(PAGE - 3, 6)).reply())))).toBe("ACROSS");
    failureOf(made.update(write(PAGE - 3, "ACROSS").trap("no")));
    expect(textOf(replyOf(made.query(read(PAGE - 3, 6).reply())))).toBe("across");
  });
  test("traps beyond its end and beyond the heap's, and answers -1 where it cannot grow", () => {
    const bounds = [write(3 * PAGE - 1, "ab"), run().push(0, 3 * PAGE, 1).ic0("stable64_read"), run().push(0, -1, 1).ic0("stable64_write"), run().push(-1, 0, 1).ic0("stable64_read"), write(-1n, "a")];
    for (const program of bounds) expect(failureOf(made.update(program))).toMatchObject({ code: "IC0502", message: expect.stringContaining("out of bounds") });
    expect(u64At(replyOf(made.update(run().number("stable64_grow", 10_000_000).reply())))).toBe(MINUS_ONE);
    expect(u64At(replyOf(made.update(run().number("stable64_grow", -1).reply())))).toBe(MINUS_ONE);
  });
  test("reaches far beyond 4 GiB where the pages are few", () => {
    const far = canister({ cycles: 10n ** 16n }), at = 100n * 2n ** 30n;
    replyOf(far.update(run().ic0("stable64_grow", 110 * 16_384).drop().splice(write(at, "far away")).reply("x")));
    expect(textOf(replyOf(far.query(read(at, 8).reply())))).toBe("far away");
    expect(textOf(replyOf(far.query(read(at - 4n, 4).reply())))).toBe("\0\0\0\0");
    if (options.memory64) return;
    for (const [call, ...operands] of [["stable_size"], ["stable_grow", 0], ["stable_write", 0, 0, 0], ["stable_read", 0, 0, 0]] as const) {
      expect(failureOf(far.query(run().ic0(call, ...operands))), call).toMatchObject({ code: "IC0502", message: expect.stringContaining("32 bit stable memory api used on a memory larger than 4GB") });
    }
  });
  test("is as much as its price allows", () => {
    expect(failureOf(canister({ cycles: 1_000_000_000_000n }).update(run().ic0("stable64_grow", 1_000_000)))).toMatchObject({ code: "IC0532" });
  });
});

describe("Stable memory: the calls of 32 bits", async () => {
  const { canister } = await createUniversalSubnet(), made = canister();
  test("stable_grow, stable_size, stable_write and stable_read see the same memory", () => {
    const grown = replyOf(made.update(run().number("stable_grow", 2).number("stable_size").concat().push(5, "legacy").ic0("stable_write").splice(read(5, 6)).concat().reply()));
    expect([u64At(grown), u64At(grown, 8), textOf(grown.subarray(16))]).toEqual([0n, 2n, "legacy"]);
    expect(textOf(replyOf(made.query(run().push(6).do("alloc").setVariable(5).getVariable(5).drop().push(5, 6).ic0("stable_read").getVariable(5).reply())))).toBe("legacy");
    expect(u64At(replyOf(made.query(run().number("stable_grow", PAGE).reply())))).toBe(0xffff_ffffn);
    for (const program of [run().push(2 * PAGE, "x").ic0("stable_write"), run().push(0, 2 * PAGE, 1).ic0("stable_read")]) expect(failureOf(made.query(program))).toMatchObject({ code: "IC0502" });
  });
});

describe.each([["32", { memory64: false }], ["64", { memory64: true }]] as const)("WebAssembly memory of %s bits", async (_width, options) => {
  const { canister } = await createUniversalSubnet(options);
  test("grows, keeps what updates wrote, forgets what queries and traps wrote", () => {
    const made = canister(), far = 40 * PAGE, look = run().push(far).do("load64", "asBlob").do("pages", "asBlob").concat().reply();
    const set = (value: number): Program => run().push(50).do("grow", "drop").push(far, value).do("store64");
    expect(failureOf(made.query(run().push(far).do("load64")))).toMatchObject({ code: "IC0502", message: expect.stringContaining("heap out of bounds") });
    replyOf(made.update(set(77).reply("x")));
    const kept = replyOf(made.query(look));
    expect([u64At(kept), u64At(kept, 8)]).toEqual([77n, 51n]);
    expect(u64At(replyOf(made.query(set(88).splice(look))))).toBe(88n);
    failureOf(made.update(set(99).do("unreachable")));
    expect(replyOf(made.query(look))).toEqual(kept);
  });
  test("addresses of a system call lie in it, to the last byte", () => {
    const made = canister(), end = BigInt(PAGE);
    for (const [src, size] of [[end, 1n], [end - 1n, 2n], [0n, end + 1n], [-1n, 1n]] as const) {
      expect(failureOf(made.query(run().ic0("msg_reply_data_append", src, size))), `${src}+${size}`).toMatchObject({ code: "IC0502" });
    }
    expect(replyOf(made.query(run().ic0("msg_reply_data_append", end - 1n, 1).ic0("msg_reply"))).length).toBe(1);
  });
  test("the limit of the settings holds for updates, init and post_upgrade", () => {
    const made = canister({ settings: { wasm_memory_limit: 10n << 16n } }), grow = run().push(20).do("grow", "asBlob").reply();
    expect(failureOf(made.update(grow))).toMatchObject({ code: "IC0539" });
    expect(made.install(run().push(20).do("grow", "drop"), "upgrade")).toMatchObject({ code: "IC0539" });
    expect(u64At(replyOf(made.query(grow)))).toBe(1n);
  });
});
