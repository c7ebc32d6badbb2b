/** How subnets come and go while the network runs: the registry says which there are, and this follows it (design D12). */
import { type Height, type NodeId, type SubnetId, assert, principalToText, registryVersion } from "./types/index.ts";
import { REGISTRY_ERROR, decodeAtomicMutateResponse } from "./codec/registryTransport.ts";
import type { Bls } from "./interfaces/crypto.ts";
import type { RegistryMutation } from "./interfaces/registry.ts";
import type { Clock, Rng, Timers } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { NetworkTopology } from "./state/replicatedState.ts";
import { type WantedSubnet, createSubnetGenesis, describedSubnet, getGenesis, getRegistryDeltas, ofNode, putGenesis, putRegistryDelta } from "./genesis.ts";
import type { NetworkAdmin } from "./networkAdmin.ts";
import { NEWEST_REPLICA_VERSION } from "./params/versions.ts";
import { additionOf, removalOf, upgradeOf } from "./registry/subnetChanges.ts";
import { type HostedSubnet, neededOf, standstillOf } from "./hostedSubnet.ts";
import { encodeDelta } from "./registryFeed.ts";
import { makeRecoveryKeys, ordersOf, recoveryMutations } from "./recovery.ts";
import type { RunningSubnet } from "./runningSubnet.ts";
import { type Split, type WantedMove, type WantedSplit, createSubnetMoves } from "./subnetMoves.ts";
import { REGISTRY_CANISTER_ID } from "./systemCanisters/nns/registry/registry.ts";

export interface SubnetLife {
  /** Makes the keys of a new subnet, has the registry name it, and resolves when it answers. @throws RangeError when the registry refuses it */
  add(wanted: WantedSubnet): Promise<SubnetId>;
  /** Has the registry forget a subnet, and resolves when it has stopped; its files stay where they are. @throws RangeError when the registry refuses that */
  remove(id: SubnetId): Promise<void>;
  /** Has the registry name another replica version for a subnet; resolves when all its nodes that run have gone on with it. @throws RangeError when the registry refuses it, or too few nodes run */
  upgrade(id: SubnetId, version: string): Promise<void>;
  /** Gives a subnet that lost more nodes than it can spare a new beginning from what is left; those that do not run are replaced. @throws RangeError */
  recover(id: SubnetId): Promise<Recovery>;
  /** Makes two subnets of one; resolves when both answer. @throws RangeError */
  split(wanted: WantedSplit): Promise<Split>;
  /** Moves a stopped canister to where another one is, whose place it takes. @throws RangeError */
  migrate(wanted: WantedMove): Promise<void>;
  /** The network has started: what it was about to do to canisters when it ended, and the registry does not know of, is given up. */
  resume(): void;
  /** A subnet stands otherwise than before: a node began again with another replica version, or its thread has told of it. */
  onStanding(): void;
  /** The root subnet has certified something new: what it lists is started, what it no longer lists is stopped. */
  onRootPublished(): void;
  /** Gives up what is under way; resolves when that has ended. */
  close(): Promise<void>;
}

/** A chain that begins again at this height; who is gone, and who took their places. */
export interface Recovery { readonly height: Height; readonly lost: readonly NodeId[]; readonly replacements: readonly NodeId[] }

export interface SubnetLifeParts {
  /** Those that run, the root subnet first; added to and taken from here. */
  readonly hosts: HostedSubnet[];
  readonly root: RunningSubnet;
  readonly admin: NetworkAdmin;
  readonly bls: Bls;
  readonly rng: Rng;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether states live in memory alone. */
  readonly inMemory: boolean;
  /** Opens the stores of a subnet's nodes; new ones where there are none. Absent `nodes`: as many as the first one knows of. */
  readonly open: (id: SubnetId, nodes?: number) => Promise<readonly Store[]>;
  /** Starts a subnet over its stores; resolves when it answers. */
  readonly launch: (stores: readonly Store[]) => Promise<void>;
  readonly warn: (text: string) => void;
}

export function createSubnetLife({ hosts, root, admin, bls, rng, clock, timers, inMemory, open, launch, warn }: SubnetLifeParts): SubnetLife {
  const prepared = new Map<SubnetId, readonly Store[]>(), held = new Set<SubnetId>(), unknown = new Set<SubnetId>();
  const topology = (): NetworkTopology => root.subnet.certifiedState().topology;
  const isRunning = (id: SubnetId): boolean => hosts.some((host) => host.id === id), isListed = (id: SubnetId): boolean => topology().subnets.some((subnet) => subnet.id === id);
  let followed: NetworkTopology | undefined, turns: Promise<void> = Promise.resolve(), closed = false, failure: unknown;
  const waiting: (() => void)[] = [];
  /** Changes of the registry are made one after another: each builds on the last. */
  let changes: Promise<unknown> = Promise.resolve();

  async function start(id: SubnetId): Promise<void> {
    const stores = prepared.get(id) ?? await open(id), { registry } = root.serving;
    prepared.delete(id);
    if (getGenesis(stores[0]!) === undefined) {
      unknown.add(id);
      await Promise.all(stores.map((store) => store.close()));
      return warn(`The registry names the subnet ${principalToText(id)}, whose keys are not here: nobody makes its blocks.`);
    }
    for (const store of stores) for (const delta of registry.deltasSince(getRegistryDeltas(store).at(-1)!.version)) putRegistryDelta(store, delta);
    await Promise.all(stores.map((store) => store.flushed()));
    await launch(stores);
  }
  async function stop(host: HostedSubnet): Promise<void> {
    hosts.splice(hosts.indexOf(host), 1);
    host.running?.subnet.fail();
    await host.halt();
    await host.close(false);
  }
  async function follow(): Promise<void> {
    for (const { id } of topology().subnets) if (!isRunning(id) && !unknown.has(id) && !held.has(id)) await start(id);
    for (const host of [...hosts]) if (!isListed(host.id)) await stop(host);
    for (const wake of waiting.splice(0)) wake();
  }
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) {
      if (closed) throw new RangeError("the network stops");
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => { waiting.push(resolve); });
    }
  };
  /** A root subnet that waits for its nodes would leave the caller waiting with it. @throws RangeError */
  function mustAgree(): void {
    const standstill = standstillOf(hosts[0]!.standing, "the root subnet");
    if (standstill !== undefined) throw new RangeError(`the registry cannot be changed: ${standstill}`);
  }
  async function mutate(mutations: readonly RegistryMutation[]): Promise<number> {
    const answer = await admin.call(root.subnet, REGISTRY_CANISTER_ID, "atomic_mutate", encodeDelta({ mutations })), decoded = answer.ok ? decodeAtomicMutateResponse(answer.value) : undefined;
    assert(answer.ok && decoded?.ok === true, `the registry canister answers its network: ${answer.ok ? "" : answer.error.message}`);
    const [refused] = decoded.value.errors;
    if (refused !== undefined) throw new RangeError(`the registry refused the change: ${Object.entries(REGISTRY_ERROR).find(([, code]) => code === refused.code)?.[0] ?? refused.code} ${refused.reason}`);
    return decoded.value.version;
  }
  const change = <T>(make: () => Promise<T>): Promise<T> => {
    const made = changes.then(() => { mustAgree(); return make(); });
    changes = made.catch(() => undefined);
    return made;
  };

  async function recover(host: HostedSubnet): Promise<Recovery> {
    const { registry } = root.serving, point = await host.surrender();
    const keys = makeRecoveryKeys(bls, rng.fork(`recovery at registry version ${registry.latestVersion}`), point), lost = host.standing.nodes.filter((_, place) => point.survivors[place] === undefined).map((node) => node.id);
    const next = registryVersion(registry.latestVersion + 1), orders = ordersOf(point, next, keys);
    await host.keep(orders);
    const version = await mutate(recoveryMutations(host.id, registry.at(registry.latestVersion)!, point, keys));
    assert(version === next, "nobody else changed the registry meanwhile");
    await until(() => host.standing.registryVersion >= version);
    await host.recover(orders);
    return { height: point.height, lost, replacements: keys.newKeys.flatMap((one) => one?.nodeId ?? []) };
  }

  const moves = createSubnetMoves({
    hosts, root, bls, rng, clock, timers, inMemory, open, mutate, change, held, warn, isClosed: () => closed, recover,
    async start(id, stores) {
      prepared.set(id, stores);
      await start(id);
    },
  });

  return {
    split: (wanted) => moves.split(wanted), migrate: (wanted) => moves.migrate(wanted),
    add: (wanted) => change(async () => {
      const { registry } = root.serving, genesis = createSubnetGenesis(bls, rng.fork(`subnet at registry version ${registry.latestVersion}`), wanted, false);
      const stores = await open(genesis.id, genesis.members.length), [first, ...later] = registry.deltasSince(0 as typeof registry.latestVersion);
      for (const [place, store] of stores.entries()) {
        putGenesis(store, ofNode(genesis, place), { time: clock.now(), registry: first! });
        for (const delta of later) putRegistryDelta(store, delta);
      }
      await Promise.all(stores.map((store) => store.flushed()));
      prepared.set(genesis.id, stores);
      try { await mutate(additionOf(describedSubnet(genesis), registry, wanted.replicaVersion ?? NEWEST_REPLICA_VERSION)); } catch (error) {
        prepared.delete(genesis.id);
        await Promise.all(stores.map((store) => store.close()));
        throw error;
      }
      await until(() => isRunning(genesis.id));
      return genesis.id;
    }),
    remove: (id) => change(async () => {
      if (moves.isMoving(id)) throw new RangeError("canisters are on their way from or to the subnet");
      const { registry } = root.serving, host = hosts.find((known) => known.id === id), places = host === undefined ? [] : [...host.standing.nodes.keys()];
      // Before the registry forgets it: its nodes could not make blocks of a subnet that is not there.
      await Promise.all(places.map((place) => host!.stopNode(place)));
      try { await mutate(removalOf(id, registry.at(registry.latestVersion)!)); } catch (error) {
        for (const place of places) await host!.startNode(place);
        throw error;
      }
      await until(() => !isRunning(id));
    }),
    upgrade: (id, version) => change(async () => {
      const { registry } = root.serving, host = hosts.find((known) => known.id === id)!, now = registry.at(registry.latestVersion)!, standstill = standstillOf(host.standing), needed = neededOf(host.standing.nodes.length);
      if (standstill !== undefined) throw new RangeError(`${standstill} to agree on where the new version begins`);
      const wanted = upgradeOf(id, now, version);
      if (wanted.length > 0) await mutate(wanted);
      // Who is cut off follows when it is there again.
      await until(() => standstillOf(host.standing) !== undefined || host.standing.nodes.every(({ reaches, replicaVersion }) => reaches < needed || replicaVersion === version));
      const stopped = standstillOf(host.standing);
      if (stopped !== undefined) throw new RangeError(`${stopped}: it goes on with ${version} when they do`);
    }),
    recover: (id) => change(() => recover(hosts.find((known) => known.id === id)!)),
    resume: () => moves.resume(),
    onStanding() { for (const wake of waiting.splice(0)) wake(); },
    onRootPublished() {
      for (const wake of waiting.splice(0)) wake();
      if (topology() === followed) return;
      followed = topology();
      moves.follow();
      turns = turns.then(follow).catch((error: unknown) => {
        failure = error;
        warn(`The network could not follow its registry: ${error instanceof Error ? error.message : String(error)}`);
        for (const wake of waiting.splice(0)) wake();
      });
    },
    async close() {
      closed = true;
      for (const wake of waiting.splice(0)) wake();
      await Promise.allSettled([changes, turns, moves.settled()]);
      await Promise.all([...prepared.values()].flat().map((store) => store.close()));
    },
  };
}
