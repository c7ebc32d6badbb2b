import { inject } from "vitest";
import { type Mutation, mutate } from "./mutation.ts";

declare module "vitest" {
  interface ProvidedContext { /** The row that does nothing in this run. */ readonly mutation: Mutation | null }
}
/** Runs before the files of `npm run mutate` alone. */
const mutation = inject("mutation");
if (mutation !== null) mutate(mutation);
