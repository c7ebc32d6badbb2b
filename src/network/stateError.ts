import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { StoreFailure } from "../index.ts";

const isStoreFailure = (cause: unknown): cause is StoreFailure => cause instanceof Error && cause.name === "StoreFailure";
const FULL = ["ENOSPC", "EDQUOT", "EFBIG"], REFUSED = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"];

/** The coded error for what stands between a network and its folder; undefined for anything else. */
export function stateError(cause: unknown, folder: string): IcxError | undefined {
  if (isStoreFailure(cause)) {
    const { code, detail, directory } = cause.error, values = { folder: directory, detail }, evidence = { ...(cause.cause !== undefined && { cause: cause.cause }), details: { folder: directory, reason: code } };
    switch (code) {
      case "locked": return new IcxError(ERRORS.network.locked, { pid: detail, folder: directory }, evidence);
      case "newerFormat": return new IcxError(ERRORS.network.newerState, values, evidence);
      case "damaged": return new IcxError(ERRORS.network.damagedState, values, evidence);
      case "diskFull": return new IcxError(ERRORS.network.diskFull, values, evidence);
      case "notWritable": return new IcxError(ERRORS.network.stateNotWritable, values, evidence);
      case "closed": return undefined;
    }
  }
  const { code = "", syscall, message } = cause as Partial<NodeJS.ErrnoException>;
  if (syscall === undefined || syscall === "listen") return undefined;
  if (FULL.includes(code)) return new IcxError(ERRORS.network.diskFull, { folder, detail: message ?? code }, { cause });
  return REFUSED.includes(code) ? new IcxError(ERRORS.network.stateNotWritable, { folder, detail: message ?? code }, { cause }) : undefined;
}
