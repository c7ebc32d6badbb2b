import { principalToText } from "../../../../src/replica/types/index.ts";
import { interopSuite } from "../../../interop/interopSuite.ts";
import { COUNTER, createTestNetwork } from "./testNetwork.ts";

interopSuite("the HTTP interface over a test network", async () => {
  const { fetch, view } = await createTestNetwork();
  return { fetch, url: "http://localhost", rootKey: view.rootKey, canisterId: principalToText(COUNTER), close: async () => {} };
});
