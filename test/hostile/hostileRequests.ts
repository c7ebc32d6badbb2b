import { brokenCbor } from "./brokenCbor.ts";
import type { HostileContext, HostileRequest } from "./buildRequest.ts";
import { falseIdentities } from "./falseIdentities.ts";
import { wrongFields } from "./wrongFields.ts";
import { wrongPlaces } from "./wrongPlaces.ts";

export type { HostileContext, HostileRequest } from "./buildRequest.ts";

/** Every malformed request that a network must refuse, and how. */
export const hostileRequests: readonly HostileRequest[] = [...brokenCbor, ...wrongFields, ...falseIdentities, ...wrongPlaces];

/** What a row met when it was not refused rightly. */
export interface HostileFinding { readonly name: string; readonly expected: readonly number[]; readonly status: number | "no answer"; readonly body: string }

/** Sends every row through `fetch`; nothing found is a good network. */
export async function sendHostileRequests(fetch: (request: Request) => Promise<Response>, context: HostileContext, rows = hostileRequests): Promise<readonly HostileFinding[]> {
  const findings: HostileFinding[] = [];
  for (const { name, build, status: expected } of rows) {
    const response = await fetch(build(context)).catch((error: unknown) => String(error));
    const body = typeof response === "string" ? response : await response.text(), status = typeof response === "string" ? "no answer" : response.status;
    const wordless = typeof response !== "string" && (body === "" || !response.headers.get("content-type")?.startsWith("text/plain"));
    if (status === "no answer" || !expected.includes(status) || wordless) findings.push({ name, expected, status, body: body.slice(0, 200) });
  }
  return findings;
}
