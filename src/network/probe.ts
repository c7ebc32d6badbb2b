import type { Descriptor } from "./descriptor.ts";
import { quickFetch } from "./quickFetch.ts";

const PROBE_TIMEOUT_MS = 3_000;

/** What answers at an address: a network (with its status document), something else, or nothing. `silent`: something listens and says nothing. */
export type Probe = { readonly kind: "network"; readonly status: Uint8Array } | { readonly kind: "other" } | { readonly kind: "nothing"; readonly reason: string; readonly silent: boolean };

/** Asks `/api/v2/status`. */
export async function probe(url: string, timeoutMs: number = PROBE_TIMEOUT_MS): Promise<Probe> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await quickFetch(new URL("/api/v2/status", url), { signal });
    const body = new Uint8Array(await response.arrayBuffer());
    return response.ok && Buffer.from(body).includes("replica_health_status") ? { kind: "network", status: body } : { kind: "other" };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (signal.aborted) return { kind: "nothing", reason: `no answer within ${timeoutMs / 1_000} s`, silent: true };
    return { kind: "nothing", silent: false, reason: (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause)) };
  }
}

/** Whether it is the very network of a descriptor that has answered: its root key is in the status document (CBOR carries byte strings as they are). */
export const isOf = (found: Probe, { rootKey }: Pick<Descriptor, "rootKey">): boolean => found.kind === "network" && Buffer.from(found.status).includes(Buffer.from(rootKey, "hex"));
/** Whether the very network of a descriptor answers. */
export const isRunning = async (descriptor: Pick<Descriptor, "url" | "rootKey">): Promise<boolean> => isOf(await probe(descriptor.url), descriptor);
