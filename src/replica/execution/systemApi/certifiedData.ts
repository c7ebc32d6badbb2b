import { LIMITS } from "../../params/limits.ts";
import { copyOut } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import type { Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

/** Built when it is first asked for, then kept for the message. */
function certificate(host: Host): Uint8Array {
  host.certificate ??= host.input.dataCertificate?.();
  if (host.certificate === undefined) throw contractViolation("ic0.data_certificate_copy: no data certificate is available");
  return host.certificate;
}

/** Certified variables, and the root key that their certificates are checked with. */
export const certifiedDataCalls = [
  defineSystemCall({
    name: "certified_data_set", params: ["I", "I"], results: [], contexts: "I G U Ry Rt T", cost: { fixed: 500, perByte: 1 },
    run(host, src, size) {
      if (size > LIMITS.certifiedDataBytesMax) throw contractViolation(`ic0_certified_data_set failed because the passed data must be no larger than ${LIMITS.certifiedDataBytesMax} bytes. Found ${size} bytes`);
      host.certifiedData = host.memory.read(src, size);
    },
  }),
  defineSystemCall({
    name: "data_certificate_present", params: [], results: ["i32"], contexts: "*", cost: { fixed: 500 },
    run: ({ input }) => ((input.context === "NRQ" || input.context === "CQ") && input.dataCertificate !== undefined ? 1 : 0),
  }),
  defineSystemCall({ name: "data_certificate_size", params: [], results: ["I"], contexts: "NRQ CQ", cost: { fixed: 500 }, run: (host) => certificate(host).length }),
  defineSystemCall({
    name: "data_certificate_copy", params: ["I", "I", "I"], results: [], contexts: "NRQ CQ", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "data_certificate_copy", certificate(host), dst, offset, size); },
  }),
  defineSystemCall({ name: "root_key_size", params: [], results: ["I"], contexts: "I G U RQ Ry Rt C T", cost: { fixed: 500 }, run: ({ input }) => input.subnet.rootKey.length }),
  defineSystemCall({
    name: "root_key_copy", params: ["I", "I", "I"], results: [], contexts: "I G U RQ Ry Rt C T", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "root_key_copy", host.input.subnet.rootKey, dst, offset, size); },
  }),
];
