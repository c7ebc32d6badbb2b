import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What a running network says of itself in `network.json`. */
export interface Descriptor {
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  readonly host?: string;
  readonly allowHosts?: readonly string[];
  /** Hex of the DER root key. */
  readonly rootKey: string;
  readonly effectiveCanisterId: string;
  /** Absent for an ephemeral network. */
  readonly stateDir?: string;
  readonly log?: string;
  /** The folder that the state before it was moved to. */
  readonly movedTo?: string;
  /** What whoever started it should know: where it is not as it was asked for. */
  readonly notices?: readonly string[];
  readonly startedAt: string;
  readonly version: string;
}

/** The descriptor in a file; undefined when there is none or it is not whole. */
export function readDescriptor(file: string): Descriptor | undefined {
  try {
    const found = JSON.parse(readFileSync(file, "utf8")) as Partial<Descriptor> | null;
    return typeof found?.pid === "number" && typeof found.url === "string" && typeof found.rootKey === "string" && /^([\da-f]{2})+$/.test(found.rootKey) ? found as Descriptor : undefined;
  } catch { return undefined; }
}

/** Written whole or not at all. */
export function writeDescriptor(file: string, descriptor: Descriptor): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(descriptor, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}
