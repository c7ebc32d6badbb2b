import { canisterMetrics } from "./canisterMetrics.ts";
import { canisterStatus } from "./canisterStatus.ts";
import { clearChunkStore, installChunkedCode, storedChunks, uploadChunk } from "./chunkStore.ts";
import { createCanister, provisionalCreateCanister } from "./createCanister.ts";
import { depositCycles, provisionalTopUpCanister } from "./cyclesMethods.ts";
import type { ManagementMethod } from "./defineManagementMethod.ts";
import { fetchCanisterLogs } from "./fetchCanisterLogs.ts";
import { canisterInfo, canisterMetadata } from "./information.ts";
import { installCode } from "./installCode.ts";
import { deleteCanister, startCanister, stopCanister } from "./lifecycle.ts";
import { loadCanisterSnapshot } from "./loadSnapshot.ts";
import { rawRand } from "./rawRand.ts";
import { readCanisterSnapshotData, readCanisterSnapshotMetadata } from "./snapshotDownload.ts";
import { uploadCanisterSnapshotData, uploadCanisterSnapshotMetadata } from "./snapshotUpload.ts";
import { deleteCanisterSnapshot, listCanisterSnapshots, takeCanisterSnapshot } from "./snapshots.ts";
import { listCanisters, nodeMetricsHistory, subnetInfo } from "./subnetMethods.ts";
import { uninstallCode } from "./uninstall.ts";
import { updateSettings } from "./updateSettings.ts";

/** Every method of `aaaaa-aa` that this replica has, by name. */
export const managementMethods: ReadonlyMap<string, ManagementMethod> = new Map([
  canisterInfo, canisterMetadata, canisterStatus, clearChunkStore, createCanister, deleteCanister, depositCycles, fetchCanisterLogs, installChunkedCode, installCode,
  provisionalCreateCanister, provisionalTopUpCanister, rawRand, startCanister, stopCanister, storedChunks, uninstallCode, updateSettings, uploadChunk,
  takeCanisterSnapshot, loadCanisterSnapshot, listCanisterSnapshots, deleteCanisterSnapshot, readCanisterSnapshotMetadata, readCanisterSnapshotData, uploadCanisterSnapshotMetadata,
  uploadCanisterSnapshotData, canisterMetrics, listCanisters, nodeMetricsHistory, subnetInfo,
].map((method) => [method.name, method]));
