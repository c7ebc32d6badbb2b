import type { Endpoint } from "./defineEndpoint.ts";
import { callAsync } from "./endpoints/callAsync.ts";
import { callSubnet } from "./endpoints/callSubnet.ts";
import { callSync } from "./endpoints/callSync.ts";
import { query } from "./endpoints/query.ts";
import { querySubnet } from "./endpoints/querySubnet.ts";
import { readState, readStateOfSubnet } from "./endpoints/readState.ts";
import { status } from "./endpoints/status.ts";

/** Every endpoint of the public interface: the list, nothing else. */
export const ENDPOINTS: readonly Endpoint[] = [status, callAsync, callSync, callSubnet, query, querySubnet, readState, readStateOfSubnet];
