import { IDL } from "@dfinity/candid";

const Counts = IDL.Record({ total_requests: IDL.Nat32, min_responses: IDL.Nat32, max_responses: IDL.Nat32 });
/** The argument of `cost_http_request_v2`. */
export const OUTCALL_PARAMS: IDL.Type = IDL.Record({
  request_bytes: IDL.Nat64, http_roundtrip_time_ms: IDL.Nat64, raw_response_bytes: IDL.Nat64, transformed_response_bytes: IDL.Nat64, transform_instructions: IDL.Nat64,
  outcall_type: IDL.Opt(IDL.Variant({ fully_replicated: IDL.Reserved, non_replicated: IDL.Reserved, flexible: IDL.Opt(Counts) })),
});
/** It, decoded. */
export interface OutcallParams {
  readonly request_bytes: bigint; readonly http_roundtrip_time_ms: bigint; readonly raw_response_bytes: bigint; readonly transformed_response_bytes: bigint; readonly transform_instructions: bigint;
  readonly outcall_type: readonly ({ readonly non_replicated: null } | { readonly fully_replicated: null } | { readonly flexible: readonly { readonly total_requests: number; readonly min_responses: number; readonly max_responses: number }[] })[];
}
