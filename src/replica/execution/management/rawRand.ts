import { assert, err, userError } from "../../types/index.ts";
import { defineFreeMethod } from "./defineManagementMethod.ts";

/** Spec, "raw_rand": parked until the next round, whose randomness nobody knew when the call was made. */
export const rawRand = defineFreeMethod<undefined>({
  name: "raw_rand", ingress: false,
  run({ round: { tip }, request }) {
    if (request === undefined) return err(userError("IC0406", "raw_rand can be called by canisters only"));
    assert(request.kind === "request", "raw_rand is asked by a request");
    tip.subnetCalls = [...tip.subnetCalls, { id: tip.nextSubnetCall++, kind: "rawRand", request, since: tip.height }];
    return "later";
  },
});
