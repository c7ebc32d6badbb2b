import { Actor, HttpAgent } from "@dfinity/agent";
import { EventEmitter, once } from "node:events";
import type { NetworkEvent } from "../../src/index.ts";
import { startNetworkOn } from "../../src/replica/internetComputer.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { principalFromText } from "../../src/replica/types/index.ts";
import { assemble } from "../../test/canisters/assemble.ts";
import { createAndInstall } from "../../test/canisters/install.ts";
import type { BenchPart } from "./row.ts";

const STATE_MIB = 2048, CALL_MIB = 32;
/** Each call appends to the stable memory; every page is another one. */
const MODULE = `(module
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $data (param i32 i32)))
  (memory 2) (data (i32.const 65536) "DIDL\\00\\00")
  (func (export "canister_update fill") (local $at i64) (local $end i64) (local $page i32)
    (local.set $at (i64.shl (call $grow (i64.const ${CALL_MIB * 16})) (i64.const 16)))
    (local.set $end (i64.add (local.get $at) (i64.const ${CALL_MIB * 2 ** 20})))
    (loop $next
      (local.set $page (i32.const 0))
      (loop $pages
        (i64.store (i32.shl (local.get $page) (i32.const 12)) (i64.add (i64.add (local.get $at) (i64.const 1)) (i64.extend_i32_u (local.get $page))))
        (br_if $pages (i32.lt_u (local.tee $page (i32.add (local.get $page) (i32.const 1))) (i32.const 16))))
      (call $write (local.get $at) (i64.const 0) (i64.const 65536))
      (br_if $next (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 65536))) (local.get $end))))
    (call $data (i32.const 65536) (i32.const 6)) (call $reply))
  (func (export "canister_update nothing") (call $data (i32.const 65536) (i32.const 6)) (call $reply)))`;
/** A node joins a subnet of four nodes and 2 GiB of state, in one process, its nodes in memory: every chunk is sent, hashed by the joiner, and made a page again. What it missed is below a catch-up package when it begins: it executes no block below that. */
export const part: BenchPart = {
  ids: ["sync.2gib.s", "sync.2gib.moved.x"], heavy: true,
  async run() {
    const events = new EventEmitter();
    const executed: number[] = [];
    let counted: ReturnType<typeof principalFromText>;
    const { network, subnets } = await startNetworkOn(createRealRuntime(), {
      log({ room, event, node, height }) { if (room === "commit" && event === "committed" && counted !== undefined && node === counted) executed.push(height!); },
      subnets: [{ type: "application", nodes: 4 }], idleBlockIntervalMs: 1000, dkgInterval: { heights: 10, ms: 0 },
      onEvent(event) { events.emit(event.kind, event); },
    });
    try {
      const agent = HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey });
      const subnet = (): (typeof network.subnets)[number] => network.subnets.find(({ type }) => type === "application")!, { nodes, effectiveCanisterId } = subnet(), joiner = nodes[3]!;
      const canisterId = await createAndInstall(agent, effectiveCanisterId, await assemble(MODULE));
      const canister = Actor.createActor<{ fill(): Promise<void>; nothing(): Promise<void> }>(({ IDL }) => IDL.Service({ fill: IDL.Func([], [], []), nothing: IDL.Func([], [], []) }), { agent, canisterId });
      await network.stopNode(joiner);
      const left = subnet().height;
      for (let mib = 0; mib < STATE_MIB; mib += CALL_MIB) await canister.fill();
      const filled = subnet().height, running = subnets[1]!;
      // The packages follow a while later: their state is hashed when there is time.
      while (running.nodes.some(({ id, node }) => id !== principalFromText(joiner) && node.progress.catchUp < filled)) await canister.nothing();
      counted = principalFromText(joiner);
      const synced = once(events, "synced") as Promise<[Extract<NetworkEvent, { kind: "synced" }>]>, began = performance.now(), cpu = process.cpuUsage();
      network.startNode(joiner);
      const [{ bytesMoved, height }] = await synced, seconds = (performance.now() - began) / 1000, { user, system } = process.cpuUsage(cpu);
      // It takes part again: with another one gone, its share is needed.
      await network.stopNode(nodes[0]!);
      await canister.nothing();
      // Its own first blocks are replayed from its journal.
      const old = executed.filter((at) => at > left && at <= height).length;
      return [
        { id: "sync.2gib.s", value: old === 0 ? seconds : undefined, unit: "s", note: `none of the ${height - left} batches that it missed below the package was executed; ${((user + system) / 1e6).toFixed(1)} s of processor for all nodes, ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(1)} GiB at most` },
        { id: "sync.2gib.moved.x", value: bytesMoved / (STATE_MIB * 2 ** 20), unit: "x", target: 1.2, note: "bytes moved, of the size of the state" },
      ];
    } finally { await network.suspend(); }
  },
};
