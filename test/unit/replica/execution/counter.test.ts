import { readFileSync } from "node:fs";
import { hash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createTestSubnet, wasmFromText } from "./testSubnet.ts";

const COUNTER = wasmFromText(readFileSync(new URL("../../../canisters/counter.wat", import.meta.url), "utf8"));
/** `(n : nat)` for n below 128. */
const nat = (n: number): Uint8Array => Uint8Array.from([0x44, 0x49, 0x44, 0x4c, 0, 1, 0x7d, n]);

test.each([["plain", COUNTER], ["gzipped", new Uint8Array(gzipSync(COUNTER))]])("a %s counter is created, installed, updated and queried", (_name, module) => {
  const subnet = createTestSubnet();
  const id = subnet.create();
  expect(subnet.install(id, module)).toBeUndefined();
  expect(subnet.query(id, "get")).toEqual({ ok: true, value: nat(0) });
  expect(subnet.call(id, "increment", nat(3))).toMatchObject({ kind: "completed", reply: nat(3) });
  expect(subnet.call(id, "increment", nat(4))).toMatchObject({ kind: "completed", reply: nat(7) });
  expect(subnet.call(id, "get")).toMatchObject({ kind: "completed", reply: nat(7) });
  expect(subnet.query(id, "get")).toEqual({ ok: true, value: nat(7) });
  expect(subnet.state.canisters.get(id)!.execution!.moduleHash).toEqual(new Uint8Array(hash("sha256", module, "buffer")));
});

test("a trap rolls back and is answered with its message", () => {
  const subnet = createTestSubnet();
  const id = subnet.create();
  subnet.install(id, COUNTER);
  subnet.call(id, "increment", nat(3));
  const status = subnet.call(id, "increment", new Uint8Array(2));
  expect(status).toMatchObject({ kind: "failed", code: "IC0503", rejectCode: 5 });
  expect((status as { message: string }).message).toMatchInlineSnapshot(`
    "Error from Canister sgymv-uiaaa-aaaaa-aaaia-cai: Canister called \`ic0.trap\` with message: 'expected (nat)'.
    Consider gracefully handling failures from this canister or altering the canister to handle exceptions. See documentation: https://internetcomputer.org/docs/current/references/execution-errors#trapped-explicitly"
  `);
  expect(subnet.query(id, "get")).toEqual({ ok: true, value: nat(3) });
});

test("a batch costs what its messages cost: ten times as many take no more than a few times as long each", () => {
  const subnet = createTestSubnet(), id = subnet.create();
  subnet.install(id, COUNTER);
  const each = (count: number): number => Math.min(...Array.from({ length: 3 }, () => {
    const messages = Array.from({ length: count }, () => subnet.ingress(id, "increment", nat(1))), begin = performance.now();
    subnet.round(messages);
    const took = performance.now() - begin;
    expect(messages.every((message) => subnet.status(message).kind === "completed")).toBe(true);
    return took / count;
  }));
  const few = each(200);
  expect(each(2000)).toBeLessThan(4 * few);
});
