import type { StoreError } from "../interfaces/stateManager.ts";

/** A store that cannot do what it was asked, recognised from outside by its `name`; `code` is stable, the shell words it. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  readonly error: StoreError;
  /** What happened, for programs. */
  readonly code: StoreError["code"];
  /** The directory of the subnet that it happened in. */
  readonly directory: string;
  constructor(error: StoreError, cause?: unknown) {
    super(`${error.code}: ${error.directory}: ${error.detail}`, { cause });
    this.error = error;
    this.code = error.code;
    this.directory = error.directory;
  }
}

const CODES: Readonly<Record<string, StoreError["code"]>> = { ENOSPC: "diskFull", EDQUOT: "diskFull", EFBIG: "diskFull" };

/** The failure for what the file system said. */
export function storeFailure(directory: string, cause: unknown): StoreFailure {
  if (cause instanceof StoreFailure) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  return new StoreFailure({ code: CODES[code ?? ""] ?? "notWritable", directory, detail: message }, cause);
}
