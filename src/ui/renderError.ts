import type { IcxError } from "../errors/icxError.ts";
import type { Paint } from "./paint.ts";

/** An error for people: what, what to do, and why if something lower down said so. */
export function renderError(error: IcxError, colours: Paint, debug: boolean): string {
  const cause = error.cause instanceof Error && !error.message.includes(error.cause.message) ? `\n  ${colours.dim(`Cause: ${error.cause.message}`)}` : "";
  const stack = debug ? `\n${error.stack ?? ""}${error.cause instanceof Error ? `\n${error.cause.stack ?? ""}` : ""}` : "";
  return `${colours.red(`Error ${error.code}:`)} ${error.message}${cause}\n  ${error.hint}\n${stack}`;
}

/** The same for programs. */
export const errorDocument = (error: IcxError): unknown => ({ error: { code: error.code, message: error.message, hint: error.hint, ...error.details } });
