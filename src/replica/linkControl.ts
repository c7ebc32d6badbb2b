/** What the owner of a network may do to the links between its nodes. */
import { principalToText, time } from "./types/index.ts";
import type { LinkControl } from "./http/adminLinks.ts";
import type { RunningSubnet } from "./runningSubnet.ts";

const NANOSECONDS_PER_MS = 1_000_000;
const nanoseconds = (ms: number): ReturnType<typeof time> => time(BigInt(Math.max(0, Math.round(ms * NANOSECONDS_PER_MS))));

/** Faults for the time that the process runs: the next start begins with links as fast as the event loop. */
export function createLinkControl(subnets: readonly RunningSubnet[]): LinkControl {
  const linked = (): { readonly id: string; readonly running: RunningSubnet; readonly links: NonNullable<RunningSubnet["links"]> }[] =>
    subnets.flatMap((running) => (running.links === undefined ? [] : [{ id: principalToText(running.subnet.subnetId), running, links: running.links }]));
  const chosen = (subnet: string | undefined): ReturnType<typeof linked> => linked().filter(({ id }) => subnet === undefined || id === subnet);
  return {
    list: () => linked().map(({ id, running, links }) => {
      const { delayMin, delayMax } = links.behaviour, groups: RunningSubnet["nodes"][number]["id"][][] = [];
      for (const { id: node } of running.nodes) {
        const known = groups.find(([first]) => links.reaches(first!, node));
        if (known === undefined) groups.push([node]); else known.push(node);
      }
      return {
        subnet: id, subnetType: running.subnet.type, delayMs: Number(delayMin + delayMax) / 2 / NANOSECONDS_PER_MS, jitterMs: Number(delayMax - delayMin) / 2 / NANOSECONDS_PER_MS,
        groups: groups.map((group) => group.map(principalToText)),
      };
    }),
    partition(nodes) {
      const known = linked().flatMap(({ running }) => running.nodes.map(({ id }) => principalToText(id)));
      if (!nodes.every((node) => known.includes(node))) return false;
      for (const { running, links } of linked()) {
        const apart = (id: typeof running.nodes[number]["id"]): boolean => nodes.includes(principalToText(id)), ids = running.nodes.map(({ id }) => id);
        if (ids.some(apart)) links.partition([ids.filter(apart), ids.filter((id) => !apart(id))]);
      }
      return true;
    },
    heal(subnet) { for (const { links } of chosen(subnet)) links.heal(); },
    delay(delayMs, jitterMs, subnet) { for (const { links } of chosen(subnet)) links.behave({ delayMin: nanoseconds(delayMs - jitterMs), delayMax: nanoseconds(delayMs + jitterMs) }); },
  };
}
