type HolesOf<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | HolesOf<Rest> : never;
type Holes<D extends ErrorDescriptor> = HolesOf<D["message"]> | HolesOf<D["hint"]>;
/** What stands behind an error: its cause, and facts for programs that `--json` shows beside code, message and hint. */
export interface Evidence { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> }
/** The values that a descriptor's texts ask for (nothing for texts without holes), then the evidence. */
type Rest<D extends ErrorDescriptor> = [Holes<D>] extends [never]
  ? [values?: undefined, evidence?: Evidence]
  : [values: { readonly [K in Holes<D>]: string | number | bigint }, evidence?: Evidence];

/** One failure that a user can meet. `{name}` in message and hint is filled when it is thrown. */
export interface ErrorDescriptor {
  readonly code: `ICX${number}`;
  readonly message: string;
  /** What to do now; commands in backquotes work when pasted. */
  readonly hint: string;
  /** 1 when absent; 2 is wrong usage. */
  readonly exitCode?: number;
}

const fill = (template: string, values: Readonly<Record<string, string | number | bigint>>): string =>
  template.replace(/\{(\w+)\}/g, (_, hole: string) => String(values[hole] ?? `{${hole}}`));

/** A failure from the catalogue: the user's or the world's, never a broken invariant. Rendered once, in `cli.ts`. */
export class IcxError<const D extends ErrorDescriptor = ErrorDescriptor> extends Error {
  override readonly name = "IcxError";
  readonly code: string;
  readonly hint: string;
  readonly exitCode: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(descriptor: D, ...rest: Rest<D>) {
    const values = (rest[0] ?? {}) as Readonly<Record<string, string | number | bigint>>, evidence: Evidence = rest[1] ?? {};
    super(fill(descriptor.message, values), evidence.cause === undefined ? undefined : { cause: evidence.cause });
    this.code = descriptor.code;
    this.hint = fill(descriptor.hint, values);
    this.exitCode = descriptor.exitCode ?? 1;
    this.details = evidence.details ?? {};
  }
}
