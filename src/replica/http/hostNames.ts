/** Names that always mean this machine. `*.localhost` never leaves it (RFC 6761 §6.3). */
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Whether an address to listen on is reached from this machine alone. */
export const isLoopback = (address: string): boolean => address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);

/** The host name of a `Host` header without its port, in lower case. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");

/**
 * Whether a request that came over a socket names this machine. A page elsewhere can make a browser connect to 127.0.0.1 under a name of its
 * own (DNS rebinding); the name in `Host` gives it away. `allowed` are further names, `*` allows all.
 */
export function isAllowedHost(host: string | undefined, allowed: readonly string[]): boolean {
  if (host === undefined || host === "") return false;
  const name = nameOf(host);
  return LOOPBACK.includes(name) || name.endsWith(".localhost") || allowed.some((other) => other === "*" || nameOf(other) === name);
}
