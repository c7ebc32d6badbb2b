import { S1, S2, S3, S4, S5, S6 } from "./agreement.ts";
import { S10, S11, S12, S13, S7, S8, S9 } from "./chain.ts";
import type { Invariant } from "./invariant.ts";
import { C1, C2, C3, C4, C9 } from "./keys.ts";
import { L1, L2, L3, L4, L5, L6, L7 } from "./liveness.ts";
import { X1, X10, X11, X2, X3, X4, X5, X6, X7, X8, X9 } from "./messaging.ts";

/** All rules that a run is held against. */
export const INVARIANTS: readonly Invariant[] = [S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, L1, L2, L3, L4, L5, L6, L7, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, C1, C2, C3, C4, C9];
