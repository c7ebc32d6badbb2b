import { decodeCandid } from "../../codec/candid.ts";
import { OUTCALL_PARAMS, type OutcallParams } from "../../codec/candidOutcall.ts";
import type { SubnetFees } from "../../params/subnetParams.ts";
import { callCost } from "../../state/cyclesAccount.ts";
import { textOf, write128 } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import type { Host } from "./host.ts";
import { outcallCost, outcallCostOf } from "./outcallPricing.ts";
import { contractViolation } from "./traps.ts";

/** Spec, "Cost functions": names of the keys that a local network holds. */
const KEY_NAMES = ["key_1", "test_key_1", "dfx_test_key"];
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

/** 0 done, 1 no such curve or algorithm, 2 no such key. */
function signatureCost(host: Host, fee: keyof SubnetFees, algorithms: number, src: number, size: number, algorithm: number, dst: number): number {
  const name = textOf(host.memory.read(src, size), "Canister violated contract: ic0.cost_sign: invalid UTF-8 key name");
  if (algorithm >>> 0 >= algorithms) return 1;
  if (!KEY_NAMES.includes(name)) return 2;
  write128(host, dst, host.input.subnet.params.fees[fee]);
  return 0;
}

/** What calls of this kind would cost now. */
export const costCalls = [
  defineSystemCall({
    name: "cost_call", params: ["i64", "i64", "I"], results: [], contexts: "* s", cost: { fixed: 500 },
    run(host, nameBytes, payloadBytes, dst) {
      const { request, response, execution } = callCost(host.input.subnet.params, unsigned(nameBytes) + unsigned(payloadBytes), host.input.memory64);
      write128(host, dst, request + response + execution);
    },
  }),
  defineSystemCall({
    name: "cost_create_canister", params: ["I"], results: [], contexts: "* s", cost: { fixed: 500 },
    run(host, dst) { write128(host, dst, host.input.subnet.params.fees.canisterCreation); },
  }),
  defineSystemCall({
    name: "cost_http_request", params: ["i64", "i64", "I"], results: [], contexts: "* s", cost: { fixed: 500 },
    run(host, requestBytes, responseBytes, dst) {
      const { params } = host.input.subnet;
      write128(host, dst, params.free ? 0n : outcallCost(BigInt(params.pricedAs), unsigned(requestBytes), unsigned(responseBytes)));
    },
  }),
  defineSystemCall({
    name: "cost_http_request_v2", params: ["I", "I", "I"], results: [], contexts: "* s", cost: { fixed: 10_000 },
    run(host, src, size, dst) {
      const { params } = host.input.subnet, decoded = decodeCandid([OUTCALL_PARAMS], host.memory.read(src, size));
      if (!decoded.ok) throw contractViolation(`ic0.cost_http_request_v2: the parameters do not decode: ${decoded.error}`);
      write128(host, dst, params.free ? 0n : outcallCostOf(params.pricedAs, decoded.value[0] as OutcallParams));
    },
  }),
  defineSystemCall({
    name: "cost_sign_with_ecdsa", params: ["I", "I", "i32", "I"], results: ["i32"], contexts: "* s", cost: { fixed: 500 },
    run: (host, src, size, curve, dst) => signatureCost(host, "ecdsaSignature", 1, src, size, curve, dst),
  }),
  defineSystemCall({
    name: "cost_sign_with_schnorr", params: ["I", "I", "i32", "I"], results: ["i32"], contexts: "* s", cost: { fixed: 500 },
    run: (host, src, size, algorithm, dst) => signatureCost(host, "schnorrSignature", 2, src, size, algorithm, dst),
  }),
  defineSystemCall({
    name: "cost_vetkd_derive_key", params: ["I", "I", "i32", "I"], results: ["i32"], contexts: "* s", cost: { fixed: 500 },
    run: (host, src, size, curve, dst) => signatureCost(host, "vetkdKey", 1, src, size, curve, dst),
  }),
];
