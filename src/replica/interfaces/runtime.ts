export type { Clock, Rng, Runtime, Timers } from "../runtime/runtime.ts";

/** One structured line of a room, for `--log-level debug` and traces: no effect on the state. */
export interface LogLine { readonly room: string; readonly event: string; readonly messageId?: string; readonly subnet?: string; readonly height?: number; readonly [field: string]: unknown }
export type Log = (line: LogLine) => void;
