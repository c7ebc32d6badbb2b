import { signatureText, type CandidInterface } from "./candidType.ts";
import { subtypeMismatch } from "./candidSubtype.ts";

/** A method that callers of the old interface could no longer use as they do. */
export interface BrokenMethod {
  readonly method: string;
  readonly before: string;
  /** Absent when the method is gone. */
  readonly after?: string;
  /** Where in its types, and why. */
  readonly reason: string;
}

/** The methods of an interface that the next one breaks; none when it is a subtype. Values that old callers would silently lose count as broken. */
export function brokenMethods(before: CandidInterface, after: CandidInterface): readonly BrokenMethod[] {
  return [...before.methods].flatMap(([method, type]) => {
    const now = after.methods.get(method), told = { method, before: signatureText(type) };
    if (now === undefined) return [{ ...told, reason: "the method is gone" }];
    const mismatch = subtypeMismatch({ type: now, types: after.types }, { type, types: before.types }, { diverging: "mismatch" });
    return mismatch === undefined ? [] : [{ ...told, after: signatureText(now), reason: [...mismatch.path, mismatch.reason].join(": ") }];
  });
}
