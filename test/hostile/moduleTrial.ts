import { createTestSubnet, type TestSubnet } from "../unit/replica/execution/testSubnet.ts";
import type { CanisterId } from "../../src/replica/types/index.ts";
import { Program } from "../spec/universal.ts";

/** Enough for each entry of an honest module, and soon at an end for one that loops. */
const INSTRUCTIONS = 20_000_000n;
/** Entries of a module that are called, and after so many trials the canisters begin anew on a fresh subnet. */
const ENTRIES_MAX = 4, TRIALS_MAX = 250;
const ARGUMENTS = [new Uint8Array(0), Uint8Array.from(Buffer.from("DIDL\0\x01\x7d\x05", "latin1")), new Program().push("reply").ic0("msg_reply_data_append").ic0("msg_reply").bytes];
const NEIGHBOUR = `(module (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (memory 1)
  (func (export "canister_update count") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (call $append (i32.const 0) (i32.const 4)) (call $reply)))`;

/** What became of the modules that were tried. */
export interface Verdicts { refused: number; installed: number; trapped: number; answered: number }

/** A subnet on which modules are tried, one after the other, beside a canister that must go on counting. */
export class ModuleTrial {
  readonly verdicts: Verdicts = { refused: 0, installed: 0, trapped: 0, answered: 0 };
  private subnet!: TestSubnet;
  private neighbour!: CanisterId;
  private victim!: CanisterId;
  private counted = 0;
  private trials = TRIALS_MAX;

  private begin(): void {
    this.subnet = createTestSubnet({ params: { messageInstructionsMax: INSTRUCTIONS, installInstructionsMax: 30n * INSTRUCTIONS, sliceInstructions: 100n * INSTRUCTIONS, queryInstructionsMax: INSTRUCTIONS } });
    this.neighbour = this.subnet.create();
    this.victim = this.subnet.create(10n ** 18n);
    this.subnet.install(this.neighbour, NEIGHBOUR);
    this.counted = 0;
    this.trials = 0;
  }

  /** Installs a module and calls its entries. @returns what is wrong; undefined when it was refused with a code, or works, and the neighbour answers */
  try(module: Uint8Array): string | undefined {
    if (this.trials++ >= TRIALS_MAX) this.begin();
    const { subnet, victim, verdicts } = this;
    const refusal = subnet.install(victim, module, { reinstall: null }) as { code?: string } | undefined;
    if (refusal !== undefined) {
      verdicts.refused++;
      if (!/^IC\d{4}$/.test(refusal.code ?? "")) return `the module is neither installed nor refused: ${JSON.stringify(refusal)}`;
    } else {
      verdicts.installed++;
      const entries = subnet.state.canisters.get(victim)!.execution!.exports.filter((name) => /^canister_(update|query) /.test(name)).slice(0, ENTRIES_MAX);
      for (const entry of entries) {
        const method = entry.slice(entry.indexOf(" ") + 1), arg = ARGUMENTS[(verdicts.installed + entry.length) % ARGUMENTS.length]!;
        if (entry.startsWith("canister_query")) { if (subnet.query(victim, method, arg).ok) verdicts.answered++; else verdicts.trapped++; continue; }
        const status = subnet.call(victim, method, arg);
        if (status.kind === "completed") verdicts.answered++;
        else if (status.kind === "failed") verdicts.trapped++;
        else if (status.kind !== "processing") return `a call of ${method} is ${status.kind}`;
      }
    }
    const answer = subnet.call(this.neighbour, "count"), count = answer.kind === "completed" ? Buffer.from(answer.reply).readUInt32LE() : -1;
    if (count !== ++this.counted) return `the neighbour counted ${count} instead of ${this.counted}`;
    return undefined;
  }
}
