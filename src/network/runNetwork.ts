import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RoomLine } from "../context/events.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { ListenOptions, ListeningAddress, Network, NetworkEvent } from "../index.ts";
import { writeDescriptor, type Descriptor } from "./descriptor.ts";
import { takeLock } from "./lock.ts";
import type { NetworkFolder } from "./networkFolder.ts";
import { type MadeNetwork, differences } from "./madeNetwork.ts";
import { portHolder } from "./processes.ts";
import { stateError } from "./stateError.ts";

export type { NetworkEvent } from "../index.ts";
export const DEFAULT_PORT = 8000; // as dfx (project-defined networks) and icp-cli
const DEFAULT_HOST = "127.0.0.1", PORTS_TRIED = 100;

export interface RunOptions {
  /** The port that was asked for; undefined takes the remembered one, else the default or the next free one. */
  readonly port: number | undefined;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Host names that requests may name besides those of this machine. */
  readonly allowHosts?: readonly string[];
  /** Canister id → name, for the page at `/`. */
  readonly names?: (rootKey: Uint8Array) => Readonly<Record<string, string>>;
  /** The folder's lock, if the caller holds it already; it is given back in any case. */
  readonly lock?: Disposable;
  /** Nothing is written; the state ends with the process. */
  readonly ephemeral: boolean;
  /** Subnets besides the root live in threads of their own. */
  readonly workers?: boolean;
  /** Moves the old state aside first. */
  readonly clean: boolean;
  readonly version: string;
  readonly log?: string;
  readonly seed?: string;
  readonly made?: MadeNetwork;
  readonly onEvent: (event: NetworkEvent) => void;
  /** Debug lines of the replica's rooms; costs nothing when absent. */
  readonly onRoom?: (line: RoomLine) => void;
}

/** A network in this process, announced in its folder. */
export interface RunningNetwork {
  readonly network: Network;
  readonly descriptor: Descriptor;
  /** Writes a checkpoint and takes the announcement away. Idempotent. */
  stop(): Promise<void>;
}

/** Starts the network of a folder in this process. @throws IcxError ICX2002, ICX2005, ICX2007, ICX2013 to ICX2016 */
export async function runNetwork(place: NetworkFolder, options: RunOptions): Promise<RunningNetwork> {
  const lock = options.lock ?? lockFolder(place);
  let network: Network | undefined;
  try {
    const movedTo = options.clean ? moveAside(place) : undefined;
    rmSync(place.descriptor, { force: true });
    const adminToken = writeToken(place.adminToken);
    const { startNetwork } = await import("../index.ts");
    network = await startNetwork({ unsigned: true, ...(options.workers === undefined ? {} : { workers: options.workers }), onEvent: options.onEvent, ...(options.ephemeral ? {} : { stateDir: place.state }), ...(options.seed === undefined ? {} : { seed: options.seed }), ...options.made, ...(options.onRoom === undefined ? {} : { log: options.onRoom }) });
    const { rootKey } = network, first = options.port ?? rememberedPort(place.port) ?? DEFAULT_PORT, address = await listen(network, options.port, first, { adminToken, names: () => options.names?.(rootKey) ?? {}, host: options.host ?? DEFAULT_HOST, allowHosts: allowedNames(options) });
    writeFileSync(place.port, String(address.port));
    const notices = [...(first === 0 || first === address.port ? [] : [movedPort(first, address.port)]), ...differences(network.subnets, options.made ?? {})];
    const descriptor: Descriptor = {
      pid: process.pid, url: address.url, port: address.port, host: address.host, allowHosts: options.allowHosts ?? [], rootKey: Buffer.from(network.rootKey).toString("hex"), effectiveCanisterId: network.defaultEffectiveCanisterId,
      startedAt: new Date().toISOString(), version: options.version, ...(options.ephemeral ? {} : { stateDir: place.state }), ...(options.log === undefined ? {} : { log: options.log }),
      ...(movedTo === undefined ? {} : { movedTo }), ...(notices.length === 0 ? {} : { notices }),
    };
    writeDescriptor(place.descriptor, descriptor);
    const running = network;
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      try { await running.stop(); } catch (cause) { throw stateError(cause, place.folder) ?? cause; } finally { rmSync(place.descriptor, { force: true }); lock[Symbol.dispose](); }
    };
    return { network, descriptor, stop: () => (stopping ??= stop()) };
  } catch (cause) {
    await network?.stop().catch(() => undefined); // what it failed with comes first
    lock[Symbol.dispose]();
    if (cause instanceof IcxError) throw cause;
    const known = stateError(cause, place.folder);
    if (known !== undefined) throw known;
    throw new IcxError(ERRORS.network.startFailed, { reason: cause instanceof Error ? cause.message : String(cause), log: options.log ?? place.log }, { cause });
  }
}

function lockFolder(place: NetworkFolder): Disposable {
  try {
    mkdirSync(place.folder, { recursive: true });
    return takeLock(place.lock);
  } catch (cause) { throw stateError(cause, place.folder) ?? cause; }
}

async function listen(network: Network, asked: number | undefined, first: number, where: Omit<ListenOptions, "port">): Promise<ListeningAddress> {
  const candidates = asked !== undefined ? [asked] : [first, ...Array.from({ length: PORTS_TRIED }, (_, index) => DEFAULT_PORT + index).filter((port) => port !== first), 0];
  for (const port of candidates) {
    try { return await network.listen({ ...where, port }); } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (asked !== undefined && (code === "EADDRINUSE" || code === "EACCES")) {
        const holder = code === "EACCES" ? undefined : portHolder(port);
        throw new IcxError(ERRORS.network.portTaken, { port, holder: holder === undefined ? code === "EACCES" ? " or not permitted" : "" : ` by ${holder}` }, { cause });
      }
      if (code !== "EADDRINUSE" && code !== "EACCES") throw cause;
    }
  }
  throw new IcxError(ERRORS.network.portTaken, { port: first, holder: "" });
}

function movedPort(wanted: number, taken: number): string {
  const holder = portHolder(wanted);
  return `Port ${wanted} is taken${holder === undefined ? "" : ` by ${holder}`}: the network listens on ${taken}.`;
}

/** The address itself is a good name for it: only names can be made to mean something else. */
const allowedNames = ({ host, allowHosts = [] }: RunOptions): readonly string[] => (host === undefined ? allowHosts : [host.includes(":") ? `[${host}]` : host, ...allowHosts]);

function rememberedPort(file: string): number | undefined {
  const port = existsSync(file) ? Number(readFileSync(file, "utf8")) : NaN;
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
}

/** State and canister ids belong together: both go to `<folder>/old-<time>/`. */
function moveAside(place: NetworkFolder): string | undefined {
  if (!existsSync(place.state) && !existsSync(place.ids)) return undefined;
  const target = join(place.folder, `old-${new Date().toISOString().replace(/[:.]/g, "-")}`);
  mkdirSync(target, { recursive: true });
  for (const [from, name] of [[place.state, "state"], [place.ids, "canister_ids.json"]] as const) if (existsSync(from)) renameSync(from, join(target, name));
  return target;
}

/** A new secret for each run, readable by its owner alone. */
function writeToken(file: string): string {
  const token = randomBytes(32).toString("hex");
  rmSync(file, { force: true });
  writeFileSync(file, token, { mode: 0o600 });
  chmodSync(file, 0o600);
  return token;
}
