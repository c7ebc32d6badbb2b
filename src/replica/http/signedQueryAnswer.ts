import { type Result, type UserError, principalBytes } from "../types/index.ts";
import type { AuthenticQuery } from "../interfaces/ingress.ts";
import type { SubnetView } from "../interfaces/subnet.ts";
import { hashOfMap } from "../codec/requestId.ts";
import { type Answer, cborAnswer } from "./answer.ts";
import { rejectionOf } from "./submitCall.ts";

/** Interface spec, "Request: Query call": the answer and the node's signature over it, the request id and the time. */
export async function signedQueryAnswer(subnet: SubnetView, query: AuthenticQuery, asked: Result<Uint8Array, UserError> | Promise<Result<Uint8Array, UserError>>): Promise<Answer> {
  const result = await asked, response = result.ok ? { status: "replied", reply: { arg: result.value } } : { status: "rejected", ...rejectionOf(result.error) };
  const timestamp: bigint = subnet.now();
  const { signature, identity } = await subnet.signResponse(hashOfMap({ ...response, timestamp, request_id: query.requestHash }));
  return cborAnswer({ ...response, signatures: [{ timestamp, signature, identity: principalBytes(identity) }] });
}
