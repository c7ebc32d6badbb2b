import { type BenchPart, median } from "./row.ts";

const MESSAGES = 200, ROUNDS = 40;

/** What one empty update costs inside a round: the state machine alone, no consensus, no front, no disk. */
export const part: BenchPart = {
  ids: ["round.empty_update.us"],
  async run() {
    const { createTestSubnet } = await import("../../test/unit/replica/execution/testSubnet.ts"), subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, `(module (import "ic0" "msg_reply" (func $reply)) (memory 1) (func (export "canister_update nothing") call $reply))`);
    const round = (count: number): number => {
      const messages = Array.from({ length: count }, () => subnet.ingress(id, "nothing")), start = performance.now();
      subnet.round(messages);
      const ms = performance.now() - start;
      if (!messages.every((message) => subnet.status(message).kind === "completed")) throw new RangeError("every message is answered in its round");
      return ms;
    };
    const each: number[] = [];
    for (let i = 0; i < ROUNDS; i++) { const empty = round(0); each.push((round(MESSAGES) - empty) / MESSAGES * 1000); }
    return [{ id: "round.empty_update.us", value: median(each.slice(ROUNDS / 2)), unit: "us", target: 60, note: `${MESSAGES} in a round` }];
  },
};
