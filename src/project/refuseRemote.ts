import { isIP } from "node:net";
import type { ProjectNetwork } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** Refuses mainnet, and every network that is not on this machine or beside it, before anything is sent. @throws IcxError ICX1014 */
export function refuseRemote(network: string, known: readonly ProjectNetwork[]): void {
  const found = known.find(({ name }) => name === network), url = /^https?:\/\//.test(network) ? network : found?.url ?? (network === "ic" ? "https://icp-api.io" : undefined);
  if (url !== undefined && (network === "ic" || !isNear(url))) throw new IcxError(ERRORS.project.remoteNetwork, { name: network, url });
}

/** Whether an address is this machine's, or one of a private network such as containers share (RFC 1918, RFC 4193, RFC 6761, RFC 6762). */
export function isNear(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === undefined || host === "") return false;
  if (isIP(host) === 4) return /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^0\.0\.0\.0$/.test(host);
  if (isIP(host) === 6) return /^(::1?$|f[cd]|fe[89ab])/.test(host);
  return !host.includes(".") || /\.(localhost|local|internal|test)$/.test(host);
}
