import { expect, test } from "vitest";
import { application, startFourNodes } from "./subnetOfFour.ts";

test("whoever changes a subnet does not wait for nodes that are cut off: they follow, or it is said what the subnet waits for", { timeout: 60_000 }, async () => {
  await using four = await startFourNodes({ subnets: [{ type: "application", nodes: 4 }] });
  const { network, running, canister } = four, { id, nodes } = application(network), { links } = running, cut = (place: number): void => { links!.isolate(running.nodes[place]!.id); };
  expect(await four.increment()).toBe(1n);
  cut(3);
  // One of four: the others go on without it, and it has the new version as soon as it is there again.
  expect(await network.upgradeSubnet(id, "0.0.9")).toBe("0.0.9");
  const upgraded = four.seen.filter((event) => event.kind === "upgraded").map(({ node }) => node).sort();
  expect(upgraded).toEqual(nodes.slice(0, 3).sort());
  await expect(network.splitSubnet({ subnet: id, canisters: [canister.toText()] })).rejects.toThrow("does not run or is cut off");
  const late = four.next("upgraded");
  links!.heal();
  expect(await late).toMatchObject({ node: nodes[3], to: "0.0.9" });
  // Two of four are too many: before it begins, and while it waits.
  const asked = network.upgradeSubnet(id, "0.1.0"), refused = expect(asked).rejects.toThrow("2 of 4 nodes");
  cut(2);
  cut(3);
  await refused;
  await expect(network.upgradeSubnet(id, "0.1.0")).rejects.toThrow("work together, and it takes 3");
  await expect(network.splitSubnet({ subnet: id, canisters: [canister.toText()] })).rejects.toThrow("what is on its way there cannot arrive");
  // Nobody stands in the way of other changes.
  expect(await network.addSubnet({ nodes: 1 })).toMatch(/^\w{5}-/);
  links!.heal();
  expect(await network.upgradeSubnet(id, "0.1.0")).toBe("0.1.0");
  expect(await four.increment()).toBe(2n);
});
