import { afterEach, describe, expect, test } from "vitest";
import { type CanisterId, bytesFromHex } from "../../../../src/replica/types/index.ts";
import { calleeFromArg, callTo, moduleText, replyWith } from "./testModule.ts";
import { type TestSubnet, bytes, createTestSubnet } from "./testSubnet.ts";

const SLICE = 1_000_000n, LIMIT = 20_000_000n, TURNS = 300_000;
const work = `(local $i i32) (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${TURNS}))))`;
const answer = "(i32.store (i32.const 500) (i32.add (i32.load (i32.const 500)) (i32.const 7)))";
const MODULE = moduleText({
  "query quick": `${answer} ${replyWith(500, 4)}`,
  "query slow": `${work} ${answer} ${replyWith(500, 4)}`,
  "query certificate": `${work} (call $data_certificate_copy (i32.const 800) (i32.const 0) (call $data_certificate_size)) (call $msg_reply_data_append (i32.const 800) (call $data_certificate_size)) (call $msg_reply)`,
  "query endless": "(loop (br 0))",
  "query crash": `${work} (unreachable)`,
  "composite_query go": `${work} ${calleeFromArg} ${callTo(1000, 10, 100, 4)} (global.set $asked (i32.const 1)) (drop (call $call_perform))`,
}, {
  data: { 100: "slow" },
  prelude: `(table funcref (elem $onReply $onReject)) (global $asked (mut i32) (i32.const 0)) (func $onReject (param i32))
    (func $onReply (param i32) ${work} (call $msg_arg_data_copy (i32.const 600) (i32.const 0) (i32.const 4)) (i32.store (i32.const 604) (global.get $asked)) ${replyWith(600, 8)})`,
});
const SEVEN = Uint8Array.of(7, 0, 0, 0);

let subnet: TestSubnet;
afterEach(() => subnet.close());
function canisters(threads: boolean): readonly [CanisterId, CanisterId] {
  subnet = createTestSubnet({ threads, params: { querySliceInstructions: SLICE, queryInstructionsMax: LIMIT, queryGraphInstructionsMax: LIMIT, queryCallOverhead: 1000n } });
  const made = [subnet.create(), subnet.create()] as const;
  for (const id of made) expect(subnet.install(id, MODULE)).toBeUndefined();
  return made;
}

describe.each([false, true])("queries that take more than a slice, in a thread: %s", (threads) => {
  test("are answered later, as they would be at once", async () => {
    const [first, second] = canisters(threads), before = subnet.state;
    expect(subnet.ask(first, "quick")).toEqual({ ok: true, value: SEVEN });
    const asked = subnet.ask(first, "slow");
    expect(asked).toBeInstanceOf(Promise);
    expect(await asked).toEqual({ ok: true, value: SEVEN });
    for (const method of ["crash", "endless"]) expect(await subnet.ask(first, method)).toEqual(subnet.query(first, method));
    expect(await subnet.ask(first, "certificate")).toEqual({ ok: true, value: bytes("certificate") });
    const composite = await subnet.ask(first, "go", bytesFromHex(second));
    expect(composite).toEqual({ ok: true, value: Uint8Array.of(7, 0, 0, 0, 1, 0, 0, 0) });
    expect(composite).toEqual(subnet.query(first, "go", bytesFromHex(second)));
    expect(subnet.state).toBe(before);
    expect(await subnet.ask(first, "quick")).toEqual({ ok: true, value: SEVEN });
  });

  test("many at once are all answered", async () => {
    const [first] = canisters(threads);
    const answers = await Promise.all(Array.from({ length: 6 }, () => subnet.ask(first, "slow")));
    expect(answers).toEqual(Array.from({ length: 6 }, () => ({ ok: true, value: SEVEN })));
  });
});

/** Each page of 40 MiB gets its number, and all of them are added: more than one piece goes to the other thread. */
test("a large heap and stable memory are there to the last page", async () => {
  subnet = createTestSubnet({ threads: true, params: { querySliceInstructions: 1000n, sliceInstructions: 1_000_000n } });
  const id = subnet.create(), PAGES = 10_240, each = (body: string): string => `(local $i i32) (local $sum i64) (loop $again ${body} (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${PAGES}))))`;
  const at = "(i32.shl (local.get $i) (i32.const 12))", wide = "(i64.shl (i64.extend_i32_u (local.get $i)) (i64.const 12))";
  expect(subnet.install(id, moduleText({
    "update fill": `${each(`(i32.store ${at} (local.get $i)) (call $stable64_write ${wide} (i64.extend_i32_u ${at}) (i64.const 4))`)} (call $msg_reply)`,
    init: `(drop (call $stable64_grow (i64.const ${PAGES / 16})))`,
    "query sum": `${each(`(i32.store (i32.const 4) (i32.const 0)) (call $stable64_read (i64.const 4) ${wide} (i64.const 4)) (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.mul (i32.load ${at}) (i32.load (i32.const 4))))))`)} (i64.store (i32.const 8) (local.get $sum)) ${replyWith(8, 8)}`,
  }, { pages: PAGES / 16 }))).toBeUndefined();
  const before = subnet.state.height;
  expect(subnet.call(id, "fill").kind).toBe("completed");
  expect(subnet.state.height - before).toBeGreaterThan(3); // in slices
  const expected = new Uint8Array(8);
  new DataView(expected.buffer).setBigUint64(0, Array.from({ length: PAGES }, (_, i) => BigInt(Math.imul(i, i) >>> 0)).reduce((a, b) => a + b), true);
  const answer = await subnet.ask(id, "sum");
  expect(answer).toEqual({ ok: true, value: expected });
}, 30_000);

test("those that the end of the network meets are refused", async () => {
  const [first] = canisters(true), asked = Array.from({ length: 4 }, () => subnet.ask(first, "endless"));
  await subnet.close();
  const answers = await Promise.all(asked);
  for (const refused of answers) expect(refused).toMatchObject({ ok: false, error: { code: "IC0208" } });
});
