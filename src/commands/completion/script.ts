import type { CommandRow } from "../defineCommand.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completionPoints, type Point } from "./points.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";

const WRITERS: Readonly<Record<"bash" | "zsh" | "fish" | "powershell", (points: readonly Point[]) => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };

/** A completion script for a shell, made from the command table. */
export const completionScript = (rows: readonly CommandRow[], shell: keyof typeof WRITERS): string => WRITERS[shell](completionPoints(rows));
