import { type CborValue, encodeSelfDescribedCbor } from "../codec/cbor.ts";

/** What an endpoint answers, before it becomes a `Response` or goes to a socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | null;
}

const TEXT = { "content-type": "text/plain; charset=utf-8" } as const;
const CBOR = { "content-type": "application/cbor" } as const;

/** An error or a note in the replica's words. */
export const textAnswer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({ status, headers: { ...TEXT, ...headers }, body: text });
/** Self-described CBOR, as every answer of the interface. */
export const cborAnswer = (value: CborValue): Answer => ({ status: 200, headers: CBOR, body: encodeSelfDescribedCbor(value) });
/** Interface spec, "Request: Call": 202 has an empty body. */
export const ACCEPTED: Answer = { status: 202, headers: {}, body: null };
export const jsonAnswer = (status: number, value: unknown): Answer =>
  ({ status, headers: { "content-type": "application/json" }, body: JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item)) });

/** An answer as the web's `Response`. */
export const responseFrom = ({ status, headers, body }: Answer): globalThis.Response =>
  new Response(body instanceof Uint8Array ? new Uint8Array(body) : body, { status, headers });
