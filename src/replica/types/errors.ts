/** Interface spec, "Reject codes". */
export const REJECT = { sysFatal: 1, sysTransient: 2, destinationInvalid: 3, canisterReject: 4, canisterError: 5, sysUnknown: 6 } as const;
export type RejectCode = (typeof REJECT)[keyof typeof REJECT];

/** The replica's finer codes; the first digit is the reject code (dfinity/ic, packages/ic-error-types, July 2026). */
export const ERROR_CODES = {
  IC0101: "SubnetOversubscribed", IC0102: "MaxNumberOfCanistersReached", IC0201: "CanisterQueueFull", IC0202: "IngressMessageTimeout",
  IC0203: "CanisterQueueNotEmpty", IC0204: "IngressHistoryFull", IC0205: "CanisterIdAlreadyExists", IC0206: "StopCanisterRequestTimeout",
  IC0207: "CanisterOutOfCycles", IC0208: "CertifiedStateUnavailable", IC0209: "CanisterInstallCodeRateLimited", IC0210: "CanisterHeapDeltaRateLimited",
  IC0301: "CanisterNotFound", IC0305: "CanisterSnapshotNotFound", IC0402: "InsufficientMemoryAllocation", IC0403: "InsufficientCyclesForCreateCanister",
  IC0404: "SubnetNotFound", IC0405: "CanisterNotHostedBySubnet", IC0406: "CanisterRejectedMessage", IC0407: "UnknownManagementMessage",
  IC0408: "InvalidManagementPayload", IC0409: "CanisterSnapshotImmutable", IC0410: "InvalidSubnetAdmin", IC0502: "CanisterTrapped",
  IC0503: "CanisterCalledTrap", IC0504: "CanisterContractViolation", IC0505: "CanisterInvalidWasm", IC0506: "CanisterDidNotReply",
  IC0507: "CanisterOutOfMemory", IC0508: "CanisterStopped", IC0509: "CanisterStopping", IC0510: "CanisterNotStopped",
  IC0511: "CanisterStoppingCancelled", IC0512: "CanisterInvalidController", IC0513: "CanisterFunctionNotFound", IC0514: "CanisterNonEmpty",
  IC0517: "QueryCallGraphLoopDetected", IC0520: "InsufficientCyclesInCall", IC0521: "CanisterWasmEngineError", IC0522: "CanisterInstructionLimitExceeded",
  IC0524: "CanisterMemoryAccessLimitExceeded", IC0525: "QueryCallGraphTooDeep", IC0526: "QueryCallGraphTotalInstructionLimitExceeded",
  IC0527: "CompositeQueryCalledInReplicatedMode", IC0528: "QueryTimeLimitExceeded", IC0529: "QueryCallGraphInternal",
  IC0530: "InsufficientCyclesInComputeAllocation", IC0531: "InsufficientCyclesInMemoryAllocation", IC0532: "InsufficientCyclesInMemoryGrow",
  IC0533: "ReservedCyclesLimitExceededInMemoryAllocation", IC0534: "ReservedCyclesLimitExceededInMemoryGrow", IC0535: "InsufficientCyclesInMessageMemoryGrow",
  IC0536: "CanisterMethodNotFound", IC0537: "CanisterWasmModuleNotFound", IC0538: "CanisterAlreadyInstalled", IC0539: "CanisterWasmMemoryLimitExceeded",
  IC0540: "ReservedCyclesLimitIsTooLow", IC0541: "CanisterInvalidControllerOrSubnetAdmin", IC0542: "CanisterStatusAccessDenied",
  IC0601: "DeadlineExpired", IC0602: "ResponseDropped",
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** A failure that the protocol expects and that a caller sees: rejects, refused ingress, failed executions. */
export interface UserError { readonly code: ErrorCode; readonly message: string }
export const userError = (code: ErrorCode, message: string): UserError => ({ code, message });
/** The reject code that an error code belongs to: its first digit. */
export const rejectCodeOf = (code: ErrorCode): RejectCode => Number(code.slice(2, 4)) as RejectCode;
