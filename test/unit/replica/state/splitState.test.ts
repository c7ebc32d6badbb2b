import { expect, test } from "vitest";
import type { CanisterStatus, StopContext } from "../../../../src/replica/state/canisterState.ts";
import { genesisState } from "../../../../src/replica/state/genesisState.ts";
import { defaultSettings, newCanister } from "../../../../src/replica/state/newCanister.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { splitState } from "../../../../src/replica/state/splitState.ts";
import { EMPTY_STREAM, StateTip } from "../../../../src/replica/state/stateTip.ts";
import { ANONYMOUS, type CanisterId, type IngressStatus, MANAGEMENT_CANISTER_ID, type MessageId, REJECT, type SubnetId, canisterIdFromIndex, cycles, subnetId, time } from "../../../../src/replica/types/index.ts";

const [A, B, Y] = [1, 2, 3].map((byte) => subnetId(new Uint8Array(29).fill(byte))) as [SubnetId, SubnetId, SubnetId];
const [stays, goes, waits] = [0x10n, 0x20n, 0x21n].map(canisterIdFromIndex) as [CanisterId, CanisterId, CanisterId], isMoved = (id: CanisterId): boolean => id !== stays;
const message = (digit: string): MessageId => digit.repeat(64) as MessageId;
const stop = (origin: StopContext["origin"]): CanisterStatus => ({ kind: "stopping", stopContexts: [{ origin, since: time(1n), cycles: cycles(9n) }] });
const known = (receiver: CanisterId, effectiveCanisterId = receiver): Pick<IngressStatus & { kind: "processing" }, "receiver" | "sender" | "effectiveCanisterId" | "time" | "expiry"> => ({ receiver, sender: ANONYMOUS, effectiveCanisterId, time: time(1n), expiry: time(300_000_000_000n) });

function whole(): ReplicatedState {
  const tip = new StateTip(genesisState({ subnetId: A, time: time(1n), topology: { rootSubnet: Y, rootKey: new Uint8Array(133), routingTable: [], subnets: [] } }));
  for (const [i, id] of [stays, goes, waits].entries()) tip.create(newCanister(id, { settings: defaultSettings([ANONYMOUS]), balance: cycles(1_000n * BigInt(i + 1)), now: time(1n), origin: { kind: "user", user: ANONYMOUS } }));
  tip.streams = tip.streams.set(Y, { ...EMPTY_STREAM, begin: 4n });
  tip.refund(goes, 5n);
  tip.setIngressStatus(message("1"), { kind: "processing", ...known(stays) });
  tip.setIngressStatus(message("2"), { kind: "processing", ...known(goes) });
  tip.setIngressStatus(message("3"), { kind: "completed", ...known(goes), reply: new Uint8Array(1) });
  tip.setIngressStatus(message("4"), { kind: "processing", ...known(MANAGEMENT_CANISTER_ID, goes) });
  tip.canister(goes)!.system.status = stop({ kind: "ingress", messageId: message("4"), sender: ANONYMOUS, method: "stop_canister" });
  tip.canister(waits)!.system.status = stop({ kind: "canister", sender: goes, callback: 3, method: "stop_canister" });
  tip.deliver(tip.canister(goes)!, { kind: "request", sender: stays, receiver: goes, callback: 1, method: "go", arg: new Uint8Array(8), cycles: cycles(7n), senderVersion: 1n });
  return tip.commit();
}

test("each canister is in one half with all that is its own; streams and the subnet's own work stay", () => {
  const state = whole(), { source, destination } = splitState(state, isMoved, B);
  expect([[...source.canisters.keys()], [...destination.canisters.keys()]]).toEqual([[stays], [goes, waits]]);
  expect([source.subnetId, destination.subnetId, destination.height]).toEqual([A, B, state.height]);
  expect([source.streams.get(Y)?.begin, destination.streams.size, source.refunds, destination.refunds]).toEqual([4n, 0, [{ kind: "refund", recipient: goes, amount: 5n }], undefined]);
  expect([[...source.active.keys()], [...destination.active.keys()]]).toEqual([[], [goes]]);
  expect(state.due.size).toBe(2);
  expect([...source.due.values(), ...destination.due.values()]).toEqual([]); // nobody waits for a stop any more
  expect(source.metrics.canisterStateBytes + destination.metrics.canisterStateBytes).toBe(state.metrics.canisterStateBytes);
  expect([source, destination].map((half) => new StateTip(half).messages.guaranteed > 0)).toEqual([true, true]); // the refusal below; the request
  // The whole is what it was, and the same halves come of it again.
  expect(state.canisters.get(goes)!.system.status.kind).toBe("stopping");
  expect(splitState(state, isMoved, B)).toEqual({ source, destination });
});

test("answers stay readable on both, messages go with their canister, and who waits for the end of a stop hears of the move", () => {
  const { source, destination } = splitState(whole(), isMoved, B), kinds = ({ ingressHistory }: ReplicatedState): readonly unknown[] => ["1", "2", "3", "4"].map((digit) => ingressHistory.get(message(digit))?.kind);
  expect([kinds(source), kinds(destination)]).toEqual([["processing", undefined, "completed", "failed"], [undefined, "processing", "completed", "failed"]]);
  expect(source.ingressHistory.get(message("4"))).toMatchObject({ rejectCode: REJECT.sysTransient });
  for (const half of [source, destination]) expect([...half.ingressExpiries.values()].flat().sort()).toEqual([...half.ingressHistory.keys()]);
  expect(source.subnetOutput).toMatchObject([{ originator: goes, respondent: MANAGEMENT_CANISTER_ID, callback: 3, refund: 9n, payload: { kind: "reject", code: REJECT.sysTransient } }]);
  expect([goes, waits].map((id) => destination.canisters.get(id)!.system.status)).toEqual([{ kind: "running" }, { kind: "running" }]);
});
