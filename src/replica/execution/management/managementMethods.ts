import { canisterStatus } from "./canisterStatus.ts";
import { clearChunkStore, installChunkedCode, storedChunks, uploadChunk } from "./chunkStore.ts";
import { createCanister, provisionalCreateCanister } from "./createCanister.ts";
import { depositCycles, provisionalTopUpCanister } from "./cyclesMethods.ts";
import type { ManagementMethod } from "./defineManagementMethod.ts";
import { fetchCanisterLogs } from "./fetchCanisterLogs.ts";
import { canisterInfo, canisterMetadata } from "./information.ts";
import { installCode } from "./installCode.ts";
import { deleteCanister, startCanister, stopCanister } from "./lifecycle.ts";
import { rawRand } from "./rawRand.ts";
import { uninstallCode } from "./uninstall.ts";
import { updateSettings } from "./updateSettings.ts";

/** Every method of `aaaaa-aa` that this replica has, by name. */
export const managementMethods: ReadonlyMap<string, ManagementMethod> = new Map([
  canisterInfo, canisterMetadata, canisterStatus, clearChunkStore, createCanister, deleteCanister, depositCycles, fetchCanisterLogs, installChunkedCode, installCode,
  provisionalCreateCanister, provisionalTopUpCanister, rawRand, startCanister, stopCanister, storedChunks, uninstallCode, updateSettings, uploadChunk,
].map((method) => [method.name, method]));
