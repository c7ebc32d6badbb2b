/**
 * The embedding API: a network in the caller's process. `await using network = await startNetwork()` starts one, ends it at scope exit.
 * Nothing else of icx is public.
 */
export { startNetwork } from "./replica/internetComputer.ts";
export type { StoreFailure } from "./replica/stateManager/storeFailure.ts";
export type { Network, NetworkOptions, ListenOptions, NetworkEvent, ListeningAddress } from "./replica/interfaces/network.ts";
