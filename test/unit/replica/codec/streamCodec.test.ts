import { describe, expect, test } from "vitest";
import { encodeCbor } from "../../../../src/replica/codec/cbor.ts";
import { decodeStreamMessage, encodeStreamMessage } from "../../../../src/replica/codec/streamCodec.ts";
import { type StreamMessage, canisterIdFromIndex, cycles, time } from "../../../../src/replica/types/index.ts";

const [a, b] = [canisterIdFromIndex(7n), canisterIdFromIndex(8n)];
const MESSAGES: readonly (readonly [string, StreamMessage])[] = [
  ["a request", { kind: "request", sender: a, receiver: b, callback: 3, method: "go", arg: Uint8Array.of(1), cycles: cycles(5n), senderVersion: 2n }],
  ["a best-effort request", { kind: "request", sender: a, receiver: b, callback: 3, method: "go", arg: Uint8Array.of(1), cycles: cycles(5n), senderVersion: 2n, deadline: time(9n) }],
  ["a reply", { kind: "response", originator: a, respondent: b, callback: 3, refund: cycles(1n << 100n), payload: { kind: "reply", data: Uint8Array.of(2) } }],
  ["a reject", { kind: "response", originator: a, respondent: b, callback: 3, refund: cycles(0n), payload: { kind: "reject", code: 4, message: "no", errorCode: "IC0406" }, deadline: time(9n) }],
  ["a refund", { kind: "refund", recipient: a, amount: cycles(8n) }],
];

describe("messages of streams", () => {
  test.each(MESSAGES)("%s is decoded as it was encoded", (_, message) => {
    expect(decodeStreamMessage(encodeStreamMessage(message))).toEqual({ ok: true, value: message });
  });
  test("since when a request waited stays at home", () => {
    const [, request] = MESSAGES[0]!;
    expect(encodeStreamMessage({ ...request, queued: time(4n) } as StreamMessage)).toEqual(encodeStreamMessage(request));
  });
  test.each([["nothing", {}], ["no recipient", { refund: { amount: 1 } }], ["no amount", { refund: { recipient: new Uint8Array(10) } }], ["an id of 30 bytes", { refund: { recipient: new Uint8Array(30), amount: 1 } }],
    ["an amount below zero", { refund: { recipient: new Uint8Array(10), amount: -1 } }], ["another kind", { thanks: {} }]])("%s is no message", (_, value) => {
    expect(decodeStreamMessage(encodeCbor(value as never))).toEqual({ ok: false, error: { kind: "malformed", what: "message" } });
  });
});
