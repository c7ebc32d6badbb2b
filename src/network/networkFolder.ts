import { join } from "node:path";

/** Files of one managed network. Everything about it is in one folder, so that it can be moved aside whole. */
export interface NetworkFolder {
  readonly folder: string;
  /** The running network: pid, address, root key. */
  readonly descriptor: string;
  readonly lock: string;
  readonly log: string;
  readonly adminToken: string;
  readonly port: string;
  /** Journal and checkpoints. */
  readonly state: string;
  /** Ids of the project's canisters. */
  readonly ids: string;
  /** The same while it keeps its state in memory only. */
  readonly ephemeralIds: string;
}

/** Where the local network of a project lives. */
export function networkFolder(projectRoot: string): NetworkFolder {
  const folder = join(projectRoot, ".icx", "network");
  const at = (name: string): string => join(folder, name);
  return { folder, descriptor: at("network.json"), lock: at("lock"), log: at("log.txt"), adminToken: at("admin-token"), port: at("port"), state: at("state"), ids: at("canister_ids.json"), ephemeralIds: at("ephemeral_canister_ids.json") };
}
