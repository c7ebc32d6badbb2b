import type { Answer } from "./answer.ts";

/** dfinity/ic, rs/http_endpoints/public/src/common.rs, cors_layer: any page may speak to the public interface. */
const ALLOW_ORIGIN = { "access-control-allow-origin": "*" } as const;
const PREFLIGHT = {
  ...ALLOW_ORIGIN,
  "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
  "access-control-allow-headers": "authorization, accept, content-type, x-icx-node",
} as const;

/** What OPTIONS answers on every public path. */
export const preflightAnswer: Answer = { status: 200, headers: PREFLIGHT, body: null };
export const withCors = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, ...ALLOW_ORIGIN } });
