import { type CanisterId, type QueryStatsReport, type Result, err, ok } from "../../types/index.ts";
import type { BatchPayload, PayloadSection, QueryStatsSource, ValidationContext, ValidationError } from "../../interfaces/consensus.ts";

const invalid = (reason: string): { readonly ok: false; readonly error: ValidationError } => err({ kind: "invalid", reason });
/** An entry's id and four numbers in CBOR, at most; and the frame around them. */
const ENTRY_BYTES = 80, FRAME_BYTES = 256;
/** Canisters in one report: aggregation is done in one round. */
const ENTRIES_MAX = 5_000;

/**
 * Query statistics (dfinity/ic, rs/query_stats/src/payload_builder.rs): a block's maker reports what it counted in the last epoch, in parts
 * when that does not fit; every node once an epoch at least, so that the epochs before are known to be complete. Nothing is said twice.
 */
export function createQueryStatsSection(source: QueryStatsSource): PayloadSection<"queryStats"> {
  /** Canisters that the chain up to the parent has of the node's epoch; "closed" when it takes nothing more of it. */
  function known({ node, epoch }: Pick<QueryStatsReport, "node" | "epoch">, { certifiedHeight }: ValidationContext, past: readonly BatchPayload[]): ReadonlySet<CanisterId> | "closed" | "none" | undefined {
    const before = source.recorded(node, epoch, certifiedHeight), reports = past.flatMap(({ queryStats }) => (queryStats?.node === node ? [queryStats] : []));
    if (before === undefined || before === "closed") return before;
    if (reports.some((report) => report.epoch > epoch)) return "closed";
    const same = reports.filter((report) => report.epoch === epoch);
    return before === "none" && same.length === 0 ? "none" : new Set([...(before === "none" ? [] : before), ...same.flatMap(({ stats }) => stats.map(({ canister }) => canister))]);
  }
  return {
    build(_, context, past, bytesMax) {
      const ended = source.ended(context.certifiedHeight);
      if (ended === undefined) return undefined;
      const has = known({ node: source.node, epoch: ended.epoch }, context, past);
      if (has === undefined || has === "closed") return undefined;
      const fits = Math.min(ENTRIES_MAX, Math.floor((bytesMax - FRAME_BYTES) / ENTRY_BYTES));
      if (fits < 0) return undefined;
      const stats = ended.stats.filter(({ canister }) => has === "none" || !has.has(canister)).slice(0, fits);
      return has === "none" || stats.length > 0 ? { node: source.node, epoch: ended.epoch, stats } : undefined;
    },
    validate(_, context, report, past): Result<void, ValidationError> {
      if (report === undefined) return ok(undefined);
      if (report.epoch >= source.epochOf(context.certifiedHeight)) return invalid("query statistics of an epoch that has not ended");
      if (report.stats.length > ENTRIES_MAX) return invalid("query statistics of too many canisters");
      for (const [i, { canister }] of report.stats.entries()) if (i > 0 && report.stats[i - 1]!.canister >= canister) return invalid("query statistics are not sorted by canister");
      const has = known(report, context, past);
      if (has === undefined) return err({ kind: "transient", reason: "state at the certified height is not at hand" });
      if (has === "closed") return invalid("query statistics of an epoch that is closed");
      if (has !== "none" && (report.stats.length === 0 || report.stats.some(({ canister }) => has.has(canister)))) return invalid("query statistics that were told before");
      return ok(undefined);
    },
  };
}
