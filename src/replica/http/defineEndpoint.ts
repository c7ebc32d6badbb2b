import type { MessageId, Time } from "../types/index.ts";
import type { RequestValidator } from "../interfaces/ingress.ts";
import type { Log, Timers } from "../interfaces/runtime.ts";
import type { NetworkView } from "../interfaces/subnet.ts";
import type { Answer } from "./answer.ts";

/** What every endpoint works with. */
export interface EndpointContext {
  readonly network: NetworkView;
  readonly validator: RequestValidator;
  readonly timers: Timers;
  /** How long a synchronous call waits for its answer, nanoseconds. */
  readonly callTimeout: Time;
  /** Calls that somebody waits for, with the number of waiters: a duplicate waits too, and is not submitted again. */
  readonly waiting: Map<MessageId, number>;
  readonly implementation: { readonly name: string; readonly version: string };
  readonly log?: Log;
}
/** One request to an endpoint: `id` is the text in the path, `body` is empty for GET. */
export interface Exchange { readonly version: ApiVersion; readonly id: string; readonly body: Uint8Array }
export type ApiVersion = "v2" | "v3" | "v4";

/** One row per endpoint: the routes, the docs and the checks of method and content type follow from it. */
export interface Endpoint {
  readonly name: string;
  readonly summary: string;
  readonly versions: readonly ApiVersion[];
  readonly method: "GET" | "POST";
  /** Below `/api/<version>/`; `:id` is the effective canister or subnet id. */
  readonly path: "status" | `${"canister" | "subnet"}/:id/${string}`;
  /** Answered from what is there, without waiting for a block: work in the background makes room for it. */
  readonly foreground?: true;
  respond(context: EndpointContext, exchange: Exchange): Answer | Promise<Answer>;
}
export const defineEndpoint = (row: Endpoint): Endpoint => row;
