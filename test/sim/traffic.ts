import type { CanisterId, SignedIngress } from "../../src/replica/types/index.ts";
import { time } from "../../src/replica/types/index.ts";
import type { Chance } from "./chance.ts";
import { type Errand, errandsArg } from "./chatter.ts";
import type { Cluster } from "./cluster.ts";
import type { SimulatedNetwork } from "./network.ts";
import { makeIngress } from "./replicatedSubnet.ts";

/** Users who send messages to both subnets, and send them again until they are known. */
export interface Traffic {
  /** Some new messages, and again those that nobody knows yet. */
  send(): void;
  again(): void;
  readonly sent: readonly { readonly message: SignedIngress; readonly to: "main" | "other" }[];
  /** Those that no honest state has known. */
  unknown(): readonly SignedIngress[];
}

const TTL = 240_000_000_000n;

/** @param burst whether one canister once makes more calls than fit */
export function createTraffic({ main, other, subnets }: SimulatedNetwork, chance: Chance, burst: boolean): Traffic {
  const sent: { readonly message: SignedIngress; readonly to: "main" | "other" }[] = [], everybody = subnets.flatMap(({ canisters }) => canisters), nobody = subnets[1].canisters[0]!.replace(/..0101$/, "ee0101") as CanisterId;
  let tag = 0, nonce = 0, bursting = burst;
  const errand = (): Errand => {
    tag += 2; // the second number is for a call that is passed on
    const does = chance.pick([0, 0, 0, 0, 1, 2, 3, 4] as const), timeout = chance.hit(250) ? chance.pick([1, 3, 30]) : undefined;
    return { to: chance.hit(40) ? nobody : chance.pick(everybody), tag, does, cycles: chance.below(3) * 1_000_000, next: chance.pick(everybody), ...(timeout !== undefined && { timeout }) };
  };
  const place = (cluster: Cluster): number => {
    const alive = cluster.honest.filter((node) => cluster.isAlive(node.place));
    return alive.length === 0 ? -1 : chance.pick(alive).place;
  };
  /** Histories forget messages that have expired: what was known once was known. */
  const seen = new Set<SignedIngress>();
  const known = ({ message, to }: (typeof sent)[number]): boolean => {
    if (!seen.has(message) && subnets[to === "main" ? 0 : 1].newest.ingressHistory.has(message.messageId)) seen.add(message);
    return seen.has(message);
  };
  const hand = (one: (typeof sent)[number]): void => {
    const cluster = one.to === "main" ? main : other, at = place(cluster);
    if (at >= 0) cluster.submit(at, one.message);
  };
  const traffic: Traffic = {
    sent,
    send() {
      for (const to of ["main", "other", "main"] as const) {
        const subnet = subnets[to === "main" ? 0 : 1], many = bursting && to === "main", first = everybody[everybody.length - 1]!;
        const errands = many ? Array.from({ length: 520 }, () => ({ ...errand(), to: first, does: 0 as const })) : Array.from({ length: 1 + chance.below(4) }, errand);
        if (many) bursting = false;
        const expiry = time(main.runtime.clock.now() + TTL), one = { message: makeIngress(chance.pick(subnet.canisters), "go", errandsArg(errands), expiry, nonce++), to };
        sent.push(one);
        hand(one);
      }
      traffic.again();
    },
    again() { for (const one of sent) if (!known(one)) hand(one); },
    unknown: () => sent.filter((one) => !known(one)).map(({ message }) => message),
  };
  return traffic;
}
