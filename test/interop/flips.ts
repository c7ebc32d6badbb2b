/** Positions spread over the bytes: the first, the last, and evenly between. */
export const spreadPositions = (length: number, count: number): readonly number[] =>
  [...new Set(Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / (count - 1))))];

/** The same bytes with one bit changed; which one follows from the position. */
export function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const out = new Uint8Array(bytes);
  out[position]! ^= 1 << (position % 8);
  return out;
}

/** Every position of every occurrence of a part. */
export function positionsOf(bytes: Uint8Array, part: Uint8Array): readonly number[] {
  const haystack = Buffer.from(bytes), positions: number[] = [];
  for (let at = haystack.indexOf(part); at >= 0; at = haystack.indexOf(part, at + part.length)) for (let i = 0; i < part.length; i++) positions.push(at + i);
  return positions;
}

/** A `fetch` that changes answers to requests whose address ends like this. */
export const tampering = (fetch: typeof globalThis.fetch, ending: string, change: (body: Uint8Array) => Uint8Array): typeof globalThis.fetch => async (input, init) => {
  const response = await fetch(input, init);
  if (!String(input).endsWith(ending)) return response;
  const body = change(new Uint8Array(await response.arrayBuffer()));
  return new Response(new Uint8Array(body), { status: response.status, headers: response.headers });
};

export interface Recorded { readonly url: string; readonly body: Uint8Array }
/** A `fetch` that remembers what was sent. */
export function recording(fetch: typeof globalThis.fetch): { readonly fetch: typeof globalThis.fetch; readonly sent: Recorded[] } {
  const sent: Recorded[] = [];
  return {
    sent,
    fetch: (input, init) => {
      if (init?.body instanceof Uint8Array || init?.body instanceof ArrayBuffer) sent.push({ url: String(input), body: new Uint8Array(init.body as Uint8Array) });
      return fetch(input, init);
    },
  };
}
