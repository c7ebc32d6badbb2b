/** How canisters move between subnets while the network runs: a subnet split in two, and the end of every move when nothing of the time before is on its way. */
import { type CanisterId, type Height, NANOSECONDS_PER_MS, NANOSECONDS_PER_SECOND, type SubnetId, assert, principalToText, registryVersion, time } from "./types/index.ts";
import type { Bls } from "./interfaces/crypto.ts";
import type { RegistryMutation } from "./interfaces/registry.ts";
import type { Clock, Rng, Timers } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { CanisterMigration } from "./state/replicatedState.ts";
import { type SubnetGenesis, createSubnetGenesis, getRegistryDeltas, ofNode, putGenesis, putRegistryDelta } from "./genesis.ts";
import { type CanisterFacts, type HostedSubnet, isWhole, standstillOf } from "./hostedSubnet.ts";
import { makeRecoveryKeys, ordersOf } from "./recovery.ts";
import { completeMigrations, prepareMigration, rerouteRanges } from "./registry/canisterMigrations.ts";
import { type IdRange, subnetOfCanister } from "./registry/routingTable.ts";
import type { RunningSubnet } from "./runningSubnet.ts";
import { UNWHOLE, type SplitPoint, haltMutation, splitGenesis, splitMutations } from "./subnetSplit.ts";

/** Which canisters go to a subnet of their own, and how many nodes that has; absent: as many as the one that they leave. */
export interface WantedSplit { readonly source: SubnetId; readonly ranges: readonly IdRange[]; readonly nodes?: number }
/** Both chains go on above this height. */
export interface Split { readonly destination: SubnetId; readonly height: Height }

/** A stopped canister, and a stopped canister of another subnet that holds its state and takes its id. */
export interface WantedMove { readonly canister: CanisterId; readonly replaces: CanisterId }

export interface SubnetMoves {
  /** Resolves when the canister lives where the other one was. @throws RangeError */
  migrate(wanted: WantedMove): Promise<void>;
  /** Resolves when both subnets answer. @throws RangeError */
  split(wanted: WantedSplit): Promise<Split>;
  /** The registry has changed: moves that it knows are brought to their end in the background. */
  follow(): void;
  /** The network has started: moves that it had begun when it ended, and that the registry does not know of, are given up in the background. */
  resume(): void;
  /** Whether a subnet is part of a move. */
  isMoving(id: SubnetId): boolean;
  /** Resolves when nothing is under way in the background any more. */
  settled(): Promise<void>;
}

export interface SubnetMovesParts {
  readonly hosts: readonly HostedSubnet[];
  readonly root: RunningSubnet;
  readonly bls: Bls;
  readonly rng: Rng;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly open: (id: SubnetId, nodes?: number) => Promise<readonly Store[]>;
  /** Whether states live in memory alone: they cannot be handed from thread to thread. */
  readonly inMemory: boolean;
  /** Changes the registry. @throws RangeError when it refuses */
  readonly mutate: (mutations: readonly RegistryMutation[]) => Promise<number>;
  /** One change of the network after another. */
  readonly change: <T>(make: () => Promise<T>) => Promise<T>;
  readonly isClosed: () => boolean;
  /** Subnets of the registry that are not to be started yet. */
  readonly held: Set<SubnetId>;
  /** Starts a subnet over its stores, and resolves when it answers. */
  readonly start: (id: SubnetId, stores: readonly Store[]) => Promise<void>;
  /** Gives a subnet that has stopped a new beginning. */
  readonly recover: (host: HostedSubnet) => Promise<unknown>;
  readonly warn: (text: string) => void;
}

/** For the end of a move that is under way. */
const PATIENCE = time(5n * NANOSECONDS_PER_SECOND);
/** Between two looks at what subnets have brought to its end. */
const LOOK = time(20n * NANOSECONDS_PER_MS);

export function createSubnetMoves({ hosts, root, bls, rng, clock, timers, open, inMemory, mutate, change, isClosed, held, start, recover, warn }: SubnetMovesParts): SubnetMoves {
  const { registry } = root.serving, now = (): NonNullable<ReturnType<typeof registry.at>> => registry.at(registry.latestVersion)!;
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) {
      if (isClosed()) throw new RangeError("the network stops");
      await new Promise<void>((resolve) => { timers.after(LOOK, "moves", resolve); });
    }
  };
  const followed = (version: number) => (): boolean => now().topology.subnets.every(({ id }) => (hosts.find((host) => host.id === id)?.standing.agreedVersion ?? 0) >= version);

  /** Whatever is on its way has to arrive. @throws RangeError */
  function mustGoOn(): void {
    for (const host of hosts) {
      const { id, standing } = host;
      const reason = standstillOf(standing) ?? (standing.health === "healthy" ? undefined : `the subnet ${principalToText(id)} is not healthy`) ?? (hasHalted(host) ? `the subnet ${principalToText(id)} has stopped for a split that was not done` : undefined);
      if (reason !== undefined) throw new RangeError(`${reason}: what is on its way there cannot arrive`);
    }
  }

  async function split({ source, ranges, nodes: wanted }: WantedSplit): Promise<Split> {
    const host = hosts.find(({ id }) => id === source)!, nodes = wanted ?? host.standing.nodes.length;
    mustGoOn();
    if (!isWhole(host.standing)) throw new RangeError(UNWHOLE);
    if (host.remote !== undefined && inMemory) throw new RangeError("a subnet in a thread of its own needs a state directory to be split");
    const version = registry.latestVersion, genesis = createSubnetGenesis(bls, rng.fork(`split at registry version ${version}`), { type: host.standing.type, nodes, pricedAs: now().subnet(source)!.pricedAs }, false), destination = genesis.id;
    const prepared = prepareMigration({ ranges, from: source, to: destination }, now());
    if (!prepared.ok) throw new RangeError(prepared.error);
    await mutate([...prepared.value, haltMutation(source, now(), true)]);

    let stores = await open(destination, nodes);
    const close = async (): Promise<void> => { await Promise.allSettled(stores.map((store) => store.close())); };
    try {
      if (host.remote !== undefined) await close();
      const point = await host.halve({ destination, ranges, nodes }, stores);
      if (host.remote !== undefined) stores = await open(destination, nodes);
      return await goOn(host, { genesis, ranges, stores, point });
    } catch (error) {
      held.delete(destination);
      await close();
      if (!isClosed() && begun().length > 0) await giveUp();
      throw error;
    }
  }

  /** Whether all its nodes have stopped at a catch-up package, and not to begin again with another replica version. */
  const hasHalted = ({ id, standing: { nodes } }: HostedSubnet): boolean => nodes.every(({ halted, replicaVersion }) => halted && replicaVersion === now().subnet(id)?.replicaVersion);
  /** Moves that the routing table does not know of yet. */
  function begun(): readonly CanisterMigration[] {
    const { topology } = now();
    return (topology.migrations ?? []).filter(({ start: id, trace }) => subnetOfCanister(topology.routingTable, id) !== trace.at(-1));
  }
  /**
   * Takes back what only the registry's first word of a move was: canisters stay where they are, and a subnet that has stopped to be split begins
   * again. Nobody else changes the registry meanwhile; a subnet that lacks a node is waited for in the background.
   */
  async function giveUp(): Promise<void> {
    const snapshot = now(), wanting = hosts.filter(({ id }) => snapshot.subnet(id)?.haltAtCupHeight === true), moves = begun();
    const halting = [...wanting, ...hosts.filter((host) => !wanting.includes(host) && hasHalted(host))];
    const version = wanting.length + moves.length === 0 ? snapshot.version : await mutate([...completeMigrations(moves, snapshot), ...wanting.map(({ id }) => haltMutation(id, snapshot, false))]);
    for (const host of halting) {
      const { nodes } = host.standing;
      if (!nodes.some(({ alive }) => alive)) for (const place of nodes.keys()) await host.startNode(place);
      const goesOn = (): boolean => host.standing.agreedVersion >= version && !hasHalted(host), isClear = (): boolean => goesOn() || (hasHalted(host) && isWhole(host.standing));
      const again = async (): Promise<void> => { if (!goesOn()) await recover(host); };
      let patient = true;
      const cancel = timers.after(PATIENCE, "moves", () => { patient = false; });
      await until(() => isClear() || !patient);
      cancel();
      if (isClear()) await again();
      else later(host, isClear, again);
    }
  }
  /** A subnet that has stopped begins again from what all its nodes have: with the last one that is missing. */
  function later(host: HostedSubnet, isClear: () => boolean, again: () => Promise<void>): void {
    const id = principalToText(host.id);
    warn(`The subnet ${id} has stopped for a split that was not done, and not all its nodes are there: start and heal them, and it goes on. \`icx subnet recover ${id}\` goes on without those that do not run.`);
    const ended = until(isClear).then(() => change(again)).catch((error: unknown) => { if (!isClosed()) warn(`The subnet ${id} could not go on: ${error instanceof Error ? error.message : String(error)}`); }).finally(() => { mending.delete(ended); });
    mending.add(ended);
  }
  const mending = new Set<Promise<void>>();

  /** From the moment on at which both halves are on disk. */
  async function goOn(host: HostedSubnet, { genesis, ranges, stores, point }: { readonly genesis: SubnetGenesis; readonly ranges: readonly IdRange[]; readonly stores: readonly Store[]; readonly point: SplitPoint }): Promise<Split> {
    const source = host.id, destination = genesis.id;
    const next = registryVersion(registry.latestVersion + 1), keys = makeRecoveryKeys(bls, rng.fork(`split source at registry version ${next}`), point.source), [first, ...later] = registry.deltasSince(registryVersion(0));
    for (const [place, store] of stores.entries()) {
      putGenesis(store, ofNode(splitGenesis(genesis, point, next), place), { time: clock.now(), registry: first! });
      for (const delta of later) putRegistryDelta(store, delta);
    }
    await Promise.all(stores.map((store) => store.flushed()));
    held.add(destination);
    const orders = ordersOf(point.source, next, keys);
    await host.keep(orders);
    const changed = await mutate(splitMutations(source, registry, { ranges }, point, keys, genesis));
    assert(changed === next, "nobody else changed the registry meanwhile");
    await until(() => registry.latestVersion >= next && host.standing.registryVersion >= next);
    await host.recover(orders);

    // Before the canisters that moved say anything new, what they had said has arrived: requests between two canisters keep their order.
    await until(() => point.streams.every(({ to, end }) => host.standing.streams.every((stream) => stream.to !== to || stream.begin >= end)));
    for (const store of stores) for (const delta of registry.deltasSince(getRegistryDeltas(store).at(-1)!.version)) putRegistryDelta(store, delta);
    await Promise.all(stores.map((store) => store.flushed()));
    await start(destination, stores);
    held.delete(destination);
    follow();
    return { destination, height: point.source.height };
  }

  async function migrate({ canister, replaces }: WantedMove): Promise<void> {
    const { routingTable } = now().topology, hostOf = (id: CanisterId): HostedSubnet => {
      const found = hosts.find((host) => host.id === subnetOfCanister(routingTable, id));
      if (found === undefined) throw new RangeError(`no subnet hosts the canister ${principalToText(id)}`);
      return found;
    };
    const [from, to] = [hostOf(canister), hostOf(replaces)];
    if (from === to) throw new RangeError("both canisters are on the same subnet");
    if ([from, to].some(({ id }) => id === root.subnet.subnetId)) throw new RangeError("canisters of the root subnet do not move, nor do others there");
    const ready = async (): Promise<readonly [CanisterFacts, CanisterFacts]> => {
      const [facts, place] = [await from.canister(canister), await to.canister(replaces)];
      for (const [id, known] of [[canister, facts], [replaces, place]] as const) {
        if (known === undefined) throw new RangeError(`there is no canister ${principalToText(id)}`);
        if (!known.ready) throw new RangeError(`the canister ${principalToText(id)} is not stopped, or has messages in its queues`);
      }
      if (place!.snapshots > 0) throw new RangeError(`the canister ${principalToText(replaces)} has snapshots, which would have the id of another one`);
      return [facts!, place!];
    };
    mustGoOn();
    const [{ version: known, changes }] = await ready(), move = { ranges: [{ start: canister, end: canister }], from: from.id, to: to.id, replaces: { canister: replaces, version: known, changes } }, prepared = prepareMigration(move, now());
    if (!prepared.ok) throw new RangeError(prepared.error);
    // Everybody believes both sides before anybody says something from the other one; and nobody controls the two any more.
    const announced = followed(await mutate(prepared.value));
    try {
      await until(() => { mustGoOn(); return announced(); });
      await ready();
    } catch (error) {
      if (isClosed()) throw error; // the next start takes it back

      await mutate(completeMigrations((now().topology.migrations ?? []).filter(({ start: id }) => id === canister), now()));
      throw error;
    }
    const moved = await mutate([rerouteRanges(move, now())]);
    await until(() => to.standing.agreedVersion >= moved && root.subnet.certifiedState().registryVersion >= moved);
    await arrival(to, canister);
    follow();
  }
  /** Resolves when a canister that moves is there. */
  async function arrival(host: HostedSubnet, canister: CanisterId): Promise<void> {
    for (let found = await host.canister(canister); found === undefined; found = await host.canister(canister)) {
      const height = host.standing.certifiedHeight;
      await until(() => host.standing.certifiedHeight > height);
    }
  }

  /** Ends of all streams of now that the subnets of these moves send or are sent. */
  const ends = (moves: readonly CanisterMigration[]): readonly { readonly from: SubnetId; readonly to: SubnetId; readonly end: bigint }[] => {
    const part = (id: SubnetId): boolean => moves.some(({ trace }) => trace.includes(id));
    return hosts.flatMap(({ id: from, standing }) => standing.streams.filter(({ to }) => part(from) || part(to)).map(({ to, end }) => ({ from, to, end })));
  };
  const arrived = (known: ReturnType<typeof ends>) => (): boolean => known.every(({ from, to, end }) => hosts.find(({ id }) => id === from)?.standing.streams.every((stream) => stream.to !== to || stream.begin >= end) ?? true);

  /**
   * When every subnet works with the new table, what is in the streams is the last of the time before; what of that is refused, and sent on or
   * answered where its caller lives now, is in the streams when that has arrived. Then nobody needs the traces any more.
   */
  async function settle(): Promise<void> {
    for (;;) {
      const { topology, version } = now(), moves = (topology.migrations ?? []).filter(({ start: id, trace }) => subnetOfCanister(topology.routingTable, id) === trace.at(-1));
      if (moves.length === 0) return;
      await until(followed(version));
      for (const { start: id, trace, replaces } of moves) if (replaces !== undefined) await arrival(hosts.find((host) => host.id === trace.at(-1))!, id);
      for (let pass = 0; pass < 2; pass++) await until(arrived(ends(moves)));
      await change(async () => { await mutate(completeMigrations(moves, now())); });
      await until(() => !moves.some(({ start: id }) => now().topology.migrations?.some((left) => left.start === id)));
    }
  }
  let settling: Promise<void> | undefined;
  function follow(): void {
    if (settling !== undefined || now().topology.migrations === undefined) return;
    settling = settle().catch((error: unknown) => { if (!isClosed()) warn(`Moves of canisters could not be brought to their end: ${error instanceof Error ? error.message : String(error)}`); }).finally(() => { settling = undefined; });
  }
  /** A move that is about to end need not be in the way of the next one; one that cannot end is told of by the registry's refusal. */
  const ended = (): Promise<unknown> => Promise.race([settling, ...(settling === undefined ? [] : [new Promise<void>((resolve) => { timers.after(PATIENCE, "moves", resolve); })])]);
  return {
    split: (wanted) => ended().then(() => change(() => split(wanted))),
    migrate: (wanted) => ended().then(() => change(() => migrate(wanted))),
    follow,
    resume() { change(giveUp).catch((error: unknown) => { if (!isClosed()) warn(`A move of canisters that was not done could not be taken back: ${error instanceof Error ? error.message : String(error)}`); }); },
    isMoving: (id) => now().topology.migrations?.some(({ trace }) => trace.includes(id)) ?? false,
    settled: async () => { await Promise.all([settling, ...mending]); },
  };
}
