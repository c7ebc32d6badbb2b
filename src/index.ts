/**
 * The embedding API: a network in the caller's process. `await using network = await startNetwork()` starts one, ends it at scope exit.
 * Nothing else of icx is public. What is imported here is cheap: the replica is loaded when a network starts.
 */
import type { Network, NetworkOptions } from "./replica/interfaces/network.ts";

export type { StoreFailure } from "./replica/stateManager/storeFailure.ts";
export type { Network, NetworkOptions, ListenOptions, NetworkEvent, ListeningAddress } from "./replica/interfaces/network.ts";

/**
 * Starts a network in this process: a new one, or the one that `stateDir` holds. Resolves when every subnet answers.
 * @throws StoreFailure when the directory is in use, damaged beyond repair, of a newer format, or cannot be written
 */
export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
  return await (await import("./replica/internetComputer.ts")).startNetwork(options);
}

/**
 * Whether a BLS12-381 signature on a message (48 bytes, G1) is that of a key (96 bytes, G2), as certificates carry them (interface spec,
 * "Certificate verification"). Malformed points are a no.
 */
export async function verifyBls(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  return (await (await import("./replica/crypto/fastBls.ts")).loadFastBls()).verify(key, message, signature);
}
