import { type CandidPrincipal, candidFromPrincipal } from "../../codec/candid.ts";
import type { HistoryEntry } from "../../state/canisterState.ts";
import { err, ok, principalToText, userError } from "../../types/index.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

/** Where a snapshot came from, as candid says it. */
export const SOURCES = { taken: { taken_from_canister: null }, uploaded: { metadata_upload: null } } as const;

function change({ timestamp, version, origin, details }: HistoryEntry): unknown {
  const from = origin.kind === "user" ? { from_user: { user_id: candidFromPrincipal(origin.user) } }
    : { from_canister: { canister_id: candidFromPrincipal(origin.canister), canister_version: origin.version === undefined ? [] : [origin.version] } };
  const what = details.kind === "creation" ? { creation: { controllers: details.controllers.map(candidFromPrincipal), environment_variables_hash: details.environmentVariablesHash === undefined ? [] : [details.environmentVariablesHash] } }
    : details.kind === "codeUninstall" ? { code_uninstall: null }
    : details.kind === "codeDeployment" ? { code_deployment: { mode: { [details.mode]: null }, module_hash: details.moduleHash } }
    : details.kind === "loadSnapshot" ? { load_snapshot: {
      from_canister_id: details.fromCanister === undefined ? [] : [candidFromPrincipal(details.fromCanister)], snapshot_id: details.snapshotId, canister_version: details.canisterVersion,
      taken_at_timestamp: details.takenAt, source: SOURCES[details.source],
    } }
    : { controllers_change: { controllers: details.controllers.map(candidFromPrincipal) } };
  return { timestamp_nanos: timestamp, canister_version: version, origin: from, details: what };
}

/** Spec, "canister_info": for canisters only. */
export const canisterInfo = defineTargetMethod<CanisterIdArgs & { num_requested_changes: [] | [bigint] }>({
  name: "canister_info", ingress: false, callers: "anyone", target: byCanisterId,
  run(_call, { num_requested_changes }, { system, execution }) {
    const wanted = Number(num_requested_changes[0] ?? 0n);
    return ok([{
      total_num_changes: system.historyTotal, module_hash: execution === undefined ? [] : [execution.moduleHash], controllers: system.settings.controllers.map(candidFromPrincipal),
      recent_changes: (wanted === 0 ? [] : system.history.slice(-wanted)).map(change),
    }]);
  },
});

/** Spec, "canister_metadata": private sections for controllers only. */
export const canisterMetadata = defineTargetMethod<{ canister_id: CandidPrincipal; name: string }>({
  name: "canister_metadata", ingress: false, callers: "anyone", target: byCanisterId,
  run({ caller }, { name }, { id, system, execution }) {
    const canister = principalToText(id);
    if (execution === undefined) return err(userError("IC0537", `The canister ${canister} has no Wasm module and hence no metadata is available.`));
    const section = execution.metadata.find((candidate) => candidate.name === name);
    if (section === undefined || (section.visibility === "private" && !system.settings.controllers.includes(caller))) {
      return err(userError("IC0408", `The canister ${canister} has no metadata section with the name ${name}.`));
    }
    return ok([{ value: section.content }]);
  },
});
