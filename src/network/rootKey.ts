import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { probe } from "./probe.ts";

/** DER of mainnet's root key (interface spec, "Certification", "root public key"). */
const MAINNET_ROOT_KEY = "308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100814c0e6ec71fab583b08bd81373c255c3c371b2e84863c98a4f1e08b74235d14fb5d9c0cd546d9685f913a0c0b2cc5341583bf4b4392e467db96d65b9bb4cb717112f8472e0d5a4d14505ffd7484b01291091c5f87b98883463f98091a0baaae";
export const mainnetRootKey: Uint8Array = Uint8Array.from(Buffer.from(MAINNET_ROOT_KEY, "hex"));

/**
 * The root key that an option means: hex, `mainnet`, or `fetch` for what the network says itself. The last is believed of this machine's own
 * addresses alone: anybody else could name a key of theirs. @throws IcxError ICX2001, ICX2008, ICX2010
 */
export async function rootKeyOf(given: string | undefined, url: string): Promise<Uint8Array> {
  if (given === "mainnet") return mainnetRootKey;
  if (given === "fetch" && isOwnAddress(url)) return await fetchRootKey(url);
  if (given === undefined || !/^([\da-f]{2})+$/i.test(given)) throw new IcxError(ERRORS.network.noRootKey, { url });
  return Uint8Array.from(Buffer.from(given, "hex"));
}

/** Names of this machine; `*.localhost` never leaves it (RFC 6761 §6.3). */
function isOwnAddress(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** CBOR of the status document: the text `root_key`, then a byte string with a length of one byte (RFC 8949, major types 3 and 2). */
const ENTRY = Buffer.from("\x68root_key\x58", "latin1");
async function fetchRootKey(url: string): Promise<Uint8Array> {
  const found = await probe(url);
  if (found.kind === "nothing") throw new IcxError(ERRORS.network.notRunning, { url });
  const status = found.kind === "network" ? Buffer.from(found.status) : Buffer.alloc(0), at = status.indexOf(ENTRY), start = at + ENTRY.length + 1;
  const key = at < 0 ? undefined : status.subarray(start, start + status[start - 1]!);
  if (key === undefined || key.length === 0) throw new IcxError(ERRORS.network.requestFailed, { url, reason: "it does not tell its root key" });
  return Uint8Array.from(key);
}
