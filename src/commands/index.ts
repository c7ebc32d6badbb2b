import type { CommandRow } from "./defineCommand.ts";
import build from "./build.ts";
import newProject from "./new.ts";

/** Every verb, in the order of help. */
export const commands: readonly CommandRow[] = [newProject, build];
