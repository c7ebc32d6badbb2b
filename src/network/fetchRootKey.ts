import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { probe } from "./probe.ts";

const KEY = Buffer.from("\u0068root_key"); // a CBOR text of eight bytes
const ONE_BYTE_LENGTH = 0x58; // CBOR, RFC 8949 §3: a byte string whose length is in the next byte

/**
 * The root key that a network tells of itself (interface spec, "Status endpoint"), in hex. Whoever answers there is believed, so it is asked on this machine
 * alone. @throws IcxError ICX2001 if nothing answers, ICX2010 for an address elsewhere or an answer without a key
 */
export async function fetchRootKey(url: string): Promise<string> {
  const host = URL.parse(url)?.hostname ?? "";
  if (!/^(127(\.\d+){3}|\[::1\]|localhost|.+\.localhost)$/.test(host)) throw new IcxError(ERRORS.network.noRootKey, { url });
  const found = await probe(url);
  if (found.kind === "nothing") throw new IcxError(ERRORS.network.notRunning, { url });
  const status = found.kind === "network" ? Buffer.from(found.status) : Buffer.alloc(0), at = status.indexOf(KEY) + KEY.length;
  const key = at >= KEY.length && status[at] === ONE_BYTE_LENGTH ? status.subarray(at + 2, at + 2 + (status[at + 1] ?? 0)) : Buffer.alloc(0);
  if (key.length === 0 || key.length !== status[at + 1]) throw new IcxError(ERRORS.network.noRootKey, { url });
  return key.toString("hex");
}
