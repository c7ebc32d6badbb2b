/** A bug, put into a copy of the sources: the text `from`, which the file holds once, becomes `to`. */
export interface Edit { readonly file: string; readonly from: string; readonly to: string }
export interface PlantedBug {
  readonly name: string;
  /** The rule that must catch it. */
  readonly invariant: string;
  readonly edits: readonly Edit[];
  /** Nodes of the runs; four unless said otherwise. */
  readonly nodes?: number;
}
const consensus = (file: string, from: string, to: string): Edit => ({ file: `src/replica/consensus/${file}`, from, to });

/** What the checker is checked with: each of these must be seen by its rule within 200 seeds, and the same seeds without it must pass. */
export const PLANTED: readonly PlantedBug[] = [
  { name: "f+1 notaries are enough", invariant: "S1", edits: [consensus("committee.ts", "notarization: notaries - faults,", "notarization: faults + 1,")] },
  { name: "a final block's ancestors are taken by height, not by parent", invariant: "S2", edits: [consensus("pool.ts", "block = proposals.get(block.block.parent))", "block = [...proposals.values()].find((known) => known.height === block!.height - 1))")] },
  { name: "finalizes though another block is notarized too", invariant: "S3", edits: [consensus("finalizer.ts", "if (block === undefined || notarized.size !== 1) continue;", "if (block === undefined) continue;"), consensus("finalizer.ts", "share.signer === nodeId && share.block !== block)", "share.signer === nodeId && share.block === undefined)")] },
  { name: "the finalizer forgets what it notarized", invariant: "S4", edits: [consensus("finalizer.ts", "share.signer === nodeId && share.block !== block)", "share.signer === nodeId && share.block === undefined)")] },
  { name: "the notary signs every rank", invariant: "S5", edits: [consensus("notary.ts", "proposal.block.rank === lowest && ", "")] },
  { name: "nothing old leaves the pool", invariant: "S11", edits: [consensus("purger.ts", "      ...losers(pool),", "      ...losers(pool).slice(0, 0),")] },
];
