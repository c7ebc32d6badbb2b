import build from "./build.ts";
import canisterCall from "./canister/call.ts";
import canisterCreate from "./canister/create.ts";
import canisterDelete from "./canister/delete.ts";
import canisterDepositCycles from "./canister/depositCycles.ts";
import canisterId from "./canister/id.ts";
import canisterInstall from "./canister/install.ts";
import canisterLink from "./canister/link.ts";
import canisterList from "./canister/list.ts";
import canisterLogs from "./canister/logs.ts";
import canisterMetadata from "./canister/metadata.ts";
import canisterMigrate from "./canister/migrate.ts";
import canisterSettingsShow from "./canister/settings/show.ts";
import canisterSettingsSync from "./canister/settings/sync.ts";
import canisterSettingsUpdate from "./canister/settings/update.ts";
import snapshotCreate from "./canister/snapshot/create.ts";
import snapshotDelete from "./canister/snapshot/delete.ts";
import snapshotDownload from "./canister/snapshot/download.ts";
import snapshotList from "./canister/snapshot/list.ts";
import snapshotRestore from "./canister/snapshot/restore.ts";
import snapshotUpload from "./canister/snapshot/upload.ts";
import canisterStart from "./canister/start.ts";
import canisterStatus from "./canister/status.ts";
import canisterStop from "./canister/stop.ts";
import canisterTopUp from "./canister/topUp.ts";
import canisterUninstallCode from "./canister/uninstallCode.ts";
import completion from "./completion.ts";
import nodeCorrupt from "./node/corrupt.ts";
import nodeIsolate from "./node/isolate.ts";
import nodeList from "./node/list.ts";
import nodeStart from "./node/start.ts";
import nodeStop from "./node/stop.ts";
import type { CommandRow } from "./defineCommand.ts";
import demo from "./demo.ts";
import environmentList from "./environment/list.ts";
import deploy from "./deploy.ts";
import generate from "./generate.ts";
import doctor from "./doctor.ts";
import identityDefault from "./identity/default.ts";
import identityDelete from "./identity/delete.ts";
import identityExport from "./identity/export.ts";
import identityImport from "./identity/import.ts";
import identityList from "./identity/list.ts";
import identityNew from "./identity/new.ts";
import identityPrincipal from "./identity/principal.ts";
import identityRename from "./identity/rename.ts";
import identityUse from "./identity/use.ts";
import identityWhoami from "./identity/whoami.ts";
import networkDelay from "./network/delay.ts";
import networkHeal from "./network/heal.ts";
import networkList from "./network/list.ts";
import networkPartition from "./network/partition.ts";
import networkPing from "./network/ping.ts";
import networkStatus from "./network/status.ts";
import logs from "./logs.ts";
import newProject from "./new.ts";
import projectShow from "./project/show.ts";
import start from "./start.ts";
import subnetAdd from "./subnet/add.ts";
import subnetInfo from "./subnet/info.ts";
import subnetList from "./subnet/list.ts";
import subnetRecover from "./subnet/recover.ts";
import subnetRemove from "./subnet/remove.ts";
import subnetSplit from "./subnet/split.ts";
import subnetUpgrade from "./subnet/upgrade.ts";
import subnetWatch from "./subnet/watch.ts";
import stop from "./stop.ts";
import sync from "./sync.ts";

/** Every verb, in the order of help. */
export const commands: readonly CommandRow[] = [
  demo, newProject, start, stop, build, deploy, sync, generate, logs,
  canisterCall, canisterList, canisterId, canisterStatus, canisterLogs, canisterCreate, canisterInstall, canisterStart, canisterStop, canisterUninstallCode, canisterDelete,
  canisterSettingsShow, canisterSettingsUpdate, canisterSettingsSync, snapshotCreate, snapshotList, snapshotRestore, snapshotDelete, snapshotDownload, snapshotUpload, canisterMetadata, canisterTopUp, canisterDepositCycles, canisterLink, canisterMigrate,
  projectShow, environmentList, subnetList, subnetInfo, subnetAdd, subnetRemove, subnetRecover, subnetSplit, subnetUpgrade, subnetWatch, nodeList, nodeStop, nodeStart, nodeIsolate, nodeCorrupt, networkStatus, networkPing, networkList, networkPartition, networkHeal, networkDelay, identityWhoami, identityPrincipal, identityList, identityNew,
  identityUse, identityDefault, identityImport, identityExport, identityRename, identityDelete,
  doctor, completion,
];
