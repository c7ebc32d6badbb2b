/**
 * Kinds of subnets that a network may be asked for: the registry's type, and the size that fees follow unless another one is given
 * (design D7, "priced as"). Sizes are mainnet's of 2026: 13 nodes are usual, the fiduciary and the SNS subnet have 34, the NNS subnet 40.
 */
export const SUBNET_KINDS = {
  application: { type: "application", pricedAs: 13 },
  fiduciary: { type: "application", pricedAs: 34 },
  system: { type: "system", pricedAs: 40 },
  "verified-application": { type: "verified_application", pricedAs: 13 },
  bitcoin: { type: "system", pricedAs: 13 },
  sns: { type: "application", pricedAs: 34 },
  "cloud-engine": { type: "cloud_engine", pricedAs: 13 },
} as const;
export type SubnetKind = keyof typeof SUBNET_KINDS;
