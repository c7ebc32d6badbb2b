import { expect, test } from "vitest";
import { canisterIdFromIndex } from "../../../../src/replica/types/index.ts";
import { moduleText } from "./testModule.ts";
import { createTestSubnet } from "./testSubnet.ts";

/** CPU time of a round in which one canister of so many executes one message, in microseconds: the least of several. */
function roundMicroseconds(count: number): number {
  const subnet = createTestSubnet(), id = subnet.create();
  subnet.install(id, moduleText({ "update go": "(call $msg_reply)" }));
  const canister = subnet.state.canisters.get(id)!;
  let { canisters } = subnet.state;
  for (let i = 1; i < count; i++) { const other = canisterIdFromIndex(BigInt(0x100 + i)); canisters = canisters.set(other, { ...canister, id: other }); }
  subnet.state = { ...subnet.state, canisters };
  const rounds = (many: number): number => {
    const begin = process.cpuUsage();
    for (let i = 0; i < many; i++) subnet.round([subnet.ingress(id, "go")]);
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / many;
  };
  rounds(100);
  return Math.min(...Array.from({ length: 6 }, () => rounds(50)));
}

test("a round costs what is active: with 50,000 canisters about as much as with one", () => {
  expect(roundMicroseconds(50_000)).toBeLessThan(2 * roundMicroseconds(1));
});
