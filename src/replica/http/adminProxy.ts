import { type CanisterId, principalToText } from "../types/index.ts";
import type { AdminRow } from "./adminDoor.ts";
import { jsonAnswer } from "./answer.ts";

/** `POST /_icx/proxy`: the network's proxy canister, installed when it is asked for the first time. */
export const adminProxy = (ensure: () => Promise<CanisterId>): AdminRow => ({
  method: "POST", path: "proxy", summary: "The id of the canister that passes calls on with cycles; installed when it is missing",
  async respond() { return jsonAnswer(200, { canister: principalToText(await ensure()) }); },
});
