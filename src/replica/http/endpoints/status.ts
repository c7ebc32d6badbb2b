import { cborAnswer } from "../answer.ts";
import { defineEndpoint } from "../defineEndpoint.ts";

/** Interface spec, "Request: Status". */
export const status = defineEndpoint({
  name: "status", summary: "The root key, the version, and whether the network is ready",
  versions: ["v2"], method: "GET", path: "status",
  respond: ({ network, implementation }) => cborAnswer({
    ic_api_version: "0.18.0", // what dfinity/ic sends since 2021; clients ignore it
    root_key: network.rootKey,
    impl_version: implementation.version,
    impl_name: implementation.name,
    replica_health_status: network.subnets.find((subnet) => subnet.health !== "healthy")?.health ?? "healthy",
    certified_height: network.defaultSubnet.certifiedHeight,
  }),
});
