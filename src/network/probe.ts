import type { Descriptor } from "./descriptor.ts";
import { quickFetch } from "./quickFetch.ts";

const PROBE_TIMEOUT_MS = 3_000;

/** What answers at an address: a network (with its status document), something else, or nothing. */
export type Probe = { readonly kind: "network"; readonly status: Uint8Array } | { readonly kind: "other" } | { readonly kind: "nothing"; readonly reason: string };

/** Asks `/api/v2/status`. */
export async function probe(url: string, timeoutMs: number = PROBE_TIMEOUT_MS): Promise<Probe> {
  try {
    const response = await quickFetch(new URL("/api/v2/status", url), { signal: AbortSignal.timeout(timeoutMs) });
    const body = new Uint8Array(await response.arrayBuffer());
    return response.ok && Buffer.from(body).includes("replica_health_status") ? { kind: "network", status: body } : { kind: "other" };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { kind: "nothing", reason: (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause)) };
  }
}

/** Whether the very network of a descriptor answers: its root key is in the status document (CBOR carries byte strings as they are). */
export async function isRunning({ url, rootKey }: Pick<Descriptor, "url" | "rootKey">): Promise<boolean> {
  const found = await probe(url);
  return found.kind === "network" && Buffer.from(found.status).includes(Buffer.from(rootKey, "hex"));
}
