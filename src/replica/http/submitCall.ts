import { MANAGEMENT_CANISTER_ID, type Result, type SignedIngress, type UserError, err, ok, rejectCodeOf } from "../types/index.ts";
import type { Destination } from "../interfaces/ingress.ts";
import type { SubnetView } from "../interfaces/subnet.ts";
import type { CborMap } from "../codec/cbor.ts";
import { type Answer, textAnswer } from "./answer.ts";
import type { EndpointContext } from "./defineEndpoint.ts";
import { refusalAnswer } from "./refusalText.ts";
import { notReady } from "./route.ts";

const MIB = 1024 * 1024;
/** dfinity/ic, rs/limits: MAX_INGRESS_BYTES_PER_MESSAGE of application and of system subnets. */
const INGRESS_BYTES_MAX = { application: 2 * MIB, verified_application: 2 * MIB, cloud_engine: 2 * MIB, system: 3.5 * MIB } as const;
/** Interface spec, "Effective canister id": the calls that are about no canister yet. */
const CREATION_METHODS: readonly string[] = ["create_canister", "provisional_create_canister_with_cycles"];

/** Authenticates a call envelope and checks its size for this subnet. */
export function authenticCall({ validator, log }: EndpointContext, subnet: SubnetView, destination: Destination, body: Uint8Array): Result<SignedIngress, Answer> {
  const validated = validator.call(body, destination, subnet.now());
  if (!validated.ok) {
    log?.({ room: "gatehouse", event: "refused", subnet: subnet.subnetId, reason: validated.error.kind });
    return err(refusalAnswer(validated.error));
  }
  const message = validated.value, bytesMax = INGRESS_BYTES_MAX[subnet.type];
  log?.({ room: "endpoint", event: "received", messageId: message.messageId, subnet: subnet.subnetId, bytes: body.length });
  if (body.length > bytesMax) {
    return err(textAnswer(413, `Request 0x${message.messageId} is too large. Message byte size ${body.length} is larger than the max allowed ${bytesMax}.`));
  }
  if (destination.kind === "canister" && destination.id === MANAGEMENT_CANISTER_ID && !CREATION_METHODS.includes(message.method)) {
    return err(textAnswer(400, `The effective canister id of ${message.method.slice(0, 100)} is the canister that it is about, not the management canister`));
  }
  return ok(message);
}

/** Interface spec, "Request: Call": what a rejection before replication says. */
export const rejectionOf = (error: UserError): CborMap => ({ reject_code: rejectCodeOf(error.code), reject_message: error.message, error_code: error.code });

/** Hands a message to the subnet: nothing when it was taken, else the rejection, or 503 when the pool is full. */
export function submitted(subnet: SubnetView, message: SignedIngress): { readonly rejection: UserError } | { readonly answer: Answer } | undefined {
  if (subnet.health !== "healthy") return { answer: notReady(subnet) };
  const taken = subnet.submit(message);
  if (taken.ok) return undefined;
  return "kind" in taken.error ? { answer: textAnswer(503, "Service is overloaded, try again later.") } : { rejection: taken.error };
}
