import type { WantedSubnet } from "../context/project.ts";

/** Types of subnets that a network may be asked for: icp-cli's, without `nns`, which every network has. */
export const SUBNET_TYPES = ["application", "fiduciary", "system", "verified-application", "bitcoin", "sns", "cloud-engine"] as const;
/** Subnets of a network besides the root subnet; virtual nodes of one. */
export const SUBNETS_MAX = 64, NODES_MAX = 40;

/** `application` or `application:2`, as many of a type. Undefined for anything else. */
export function subnetsOfText(text: string): readonly WantedSubnet[] | undefined {
  const match = /^([a-z-]+)(?::(\d{1,2}))?$/.exec(text), type = SUBNET_TYPES.find((known) => known === match?.[1]), count = Number(match?.[2] ?? 1);
  return type === undefined || count < 1 || count > SUBNETS_MAX ? undefined : Array.from({ length: count }, () => ({ type }));
}
