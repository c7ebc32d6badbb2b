import { Actor } from "@dfinity/agent";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WIRE, partFrame, readPartFrame } from "../../src/replica/nodeWire.ts";
import { assemble } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";
import { type FourNodes, application, startFourNodes } from "../agreement/subnetOfFour.ts";

/** Appends 8 MiB of stable memory, no two pages alike. */
const FILL = `(module
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64))) (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $data (param i32 i32)))
  (memory 1) (data (i32.const 4096) "DIDL\\00\\00")
  (func (export "canister_update fill") (local $at i64) (local $end i64)
    (local.set $at (i64.shl (call $grow (i64.const 128)) (i64.const 16))) (local.set $end (i64.add (local.get $at) (i64.const 8388608)))
    (loop $next
      (i64.store (i32.const 0) (i64.add (local.get $at) (i64.const 1))) (call $write (local.get $at) (i64.const 0) (i64.const 4096))
      (br_if $next (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 4096))) (local.get $end))))
    (call $data (i32.const 4096) (i32.const 6)) (call $reply)))`;
const STATE_BYTES = 8 << 20;

/** Stands between a node and its links: `answer` says what becomes of a frame that the node sends or gets. */
function intercept({ running }: FourNodes, place: number, hears: (from: Parameters<NonNullable<FourNodes["running"]["links"]>["send"]>[0], frame: Uint8Array) => boolean): void {
  const { id, node, driver } = running.nodes[place]!;
  running.links!.attach(id, { receive(from, frame) { if (hears(from, frame) && node.receive(from, frame)) driver.kick(); }, offer: () => node.offer() });
}

test("a node whose peers have purged what it missed takes over their state: across a crash, past a liar, without an old block", { timeout: 240_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-sync-"));
  try {
    await using four = await startFourNodes({ stateDir });
    const { network, running, agent, canister, increment } = four, { nodes, effectiveCanisterId } = application(network), last = nodes[3]!;
    await increment();
    await network.stopNode(last);
    const left = application(network).height, filler = await createAndInstall(agent, effectiveCanisterId, await assemble(FILL));
    await Actor.createActor<{ fill(): Promise<void> }>(({ IDL }) => IDL.Service({ fill: IDL.Func([], [], []) }), { agent, canisterId: filler }).fill();
    await increment();
    await four.reach(left + 72);

    // It dies when some chunks are there.
    network.startNode(last);
    let parts = 0;
    await new Promise<void>((resolve) => { intercept(four, 3, (_, frame) => { if (frame[0] === WIRE.part && ++parts === 6) resolve(); return parts < 6; }); });
    await network.stopNode(last);
    // When it comes back, another node lies about every chunk.
    let lies = 0;
    intercept(four, 1, (from, frame) => {
      if (frame[0] !== WIRE.request) return true;
      lies++;
      running.links!.send(running.nodes[1]!.id, from, partFrame(WIRE.part, readPartFrame(frame)!, 1000, (target) => { target.fill(9); }));
      return false;
    });
    const synced = four.next("synced");
    network.startNode(last);
    const { node, height, bytesMoved } = await synced, before = four.executed(last);
    expect([node, height > left, lies > 0, lies <= 4]).toEqual([last, true, true, true]);
    // The state, less what had come before the crash; and the lies.
    expect(bytesMoved).toBeGreaterThan(0);
    expect(bytesMoved).toBeLessThan(STATE_BYTES);

    await network.stopNode(nodes[0]!);
    // Three are needed: the one that came back is one of them.
    expect(await increment()).toBe(3n);
    expect(await counterActor(agent, canister).get()).toBe(3n);
    expect(four.executed(last) - before).toBeLessThanOrEqual(application(network).height - height);
    expect(four.seen.filter(({ kind }) => kind === "warning")).toEqual([]);
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
});
