import { S1, S2, S3, S4, S5, S6 } from "./agreement.ts";
import { S10, S11, S12, S13, S7, S8, S9 } from "./chain.ts";
import type { Invariant } from "./invariant.ts";
import { L1, L2, L4, L5, L6, L7 } from "./liveness.ts";

/** All rules that a run is held against. */
export const INVARIANTS: readonly Invariant[] = [S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, L1, L2, L4, L5, L6, L7];
