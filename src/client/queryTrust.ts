import { createPublicKey, verify } from "node:crypto";
import { Principal } from "@dfinity/principal";
import { hashOfMap, IC_RESPONSE_DOMAIN_SEPARATOR, QueryResponseStatus, type ApiQueryResponse } from "@dfinity/agent";

/** Interface spec, "Query call": an answer is signed for its time; agents refuse one that is older than a request may be. */
const AGE_MAX_MS = 5 * 60_000;

/**
 * Why the answer to a query is not to be trusted; undefined when a node of the subnet has signed it just now.
 * @param nodeKeys node id → DER of its Ed25519 key, from a verified certificate of the subnet
 */
export function distrust(answer: ApiQueryResponse, nodeKeys: ReadonlyMap<string, Uint8Array>, nowMs: number): string | undefined {
  const signature = answer.signatures?.[0];
  if (signature === undefined) return "no node has signed the answer";
  const node = Principal.fromUint8Array(signature.identity).toText(), key = nodeKeys.get(node), timestamp = BigInt(signature.timestamp);
  if (key === undefined) return `the node ${node} that signed the answer is not of the subnet`;
  if (nowMs - Number(timestamp / 1_000_000n) > AGE_MAX_MS) return "the answer is older than five minutes";
  const signed = Buffer.concat([IC_RESPONSE_DOMAIN_SEPARATOR, hashOfMap({ ...contentOf(answer), timestamp, request_id: answer.requestId })]);
  return isSignedBy(key, signed, signature.signature) ? undefined : `the signature of the node ${node} is wrong`;
}

const contentOf = (answer: ApiQueryResponse): Record<string, unknown> => (answer.status === QueryResponseStatus.Replied
  ? { status: answer.status, reply: answer.reply }
  : { status: answer.status, reject_code: answer.reject_code, reject_message: answer.reject_message, error_code: answer.error_code });

function isSignedBy(der: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try { return verify(undefined, message, createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }), signature); } catch { return false; }
}
