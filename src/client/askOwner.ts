import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** Asks the admin door of the user's own network, `/_icx/<path>`; answers of the `allowed` statuses are the caller's to read. @throws IcxError ICX2008 */
export async function askOwner({ url, ownerFetch = fetch }: NetworkTarget, method: "GET" | "POST", path: string, allowed: readonly number[] = []): Promise<Response> {
  let response: Response;
  try { response = await ownerFetch(`${url}/_icx/${path}`, { method }); } catch (cause) { throw new IcxError(ERRORS.network.requestFailed, { url, reason: cause instanceof Error ? cause.message : String(cause) }, { cause }); }
  if (!response.ok && !allowed.includes(response.status)) throw new IcxError(ERRORS.network.requestFailed, { url, reason: `HTTP ${response.status} ${await response.text()}` });
  return response;
}
