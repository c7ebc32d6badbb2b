import { type CandidPrincipal, candidFromPrincipal } from "../../codec/candid.ts";
import type { CanisterState, HistoryEntry } from "../../state/canisterState.ts";
import { err, ok, principalToText, userError } from "../../types/index.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { SOURCE_CANDID } from "./snapshotCandid.ts";

function change({ timestamp, version, origin, details }: HistoryEntry): unknown {
  const from = origin.kind === "user" ? { from_user: { user_id: candidFromPrincipal(origin.user) } }
    : { from_canister: { canister_id: candidFromPrincipal(origin.canister), canister_version: origin.version === undefined ? [] : [origin.version] } };
  const what = details.kind === "creation" ? { creation: { controllers: details.controllers.map(candidFromPrincipal), environment_variables_hash: details.environmentVariablesHash === undefined ? [] : [details.environmentVariablesHash] } }
    : details.kind === "codeUninstall" ? { code_uninstall: null }
    : details.kind === "codeDeployment" ? { code_deployment: { mode: { [details.mode]: null }, module_hash: details.moduleHash } }
    : details.kind === "loadSnapshot" ? { load_snapshot: {
      from_canister_id: details.fromCanister === undefined ? [] : [candidFromPrincipal(details.fromCanister)], snapshot_id: details.snapshotId, canister_version: details.canisterVersion,
      taken_at_timestamp: details.takenAt, source: SOURCE_CANDID[details.source],
    } }
    : details.kind === "rename" ? { rename_canister: {
      canister_id: candidFromPrincipal(details.from), total_num_changes: details.fromChanges, requested_by: candidFromPrincipal(details.requestedBy),
      rename_to: { canister_id: candidFromPrincipal(details.to), version: details.version, total_num_changes: details.changes },
    } }
    : { controllers_change: { controllers: details.controllers.map(candidFromPrincipal) } };
  return { timestamp_nanos: timestamp, canister_version: version, origin: from, details: what };
}

interface InfoArgs extends CanisterIdArgs { readonly num_requested_changes: [] | [bigint] }
function infoOf({ num_requested_changes }: InfoArgs, { system, execution }: Pick<CanisterState, "execution"> & { readonly system: Pick<CanisterState["system"], "history" | "historyTotal" | "settings"> }): unknown {
  const wanted = num_requested_changes[0] ?? 0n, kept = system.history.length;
  return {
    total_num_changes: system.historyTotal, module_hash: execution === undefined ? [] : [execution.moduleHash], controllers: system.settings.controllers.map(candidFromPrincipal),
    recent_changes: system.history.slice(wanted < BigInt(kept) ? kept - Number(wanted) : 0).map(change),
  };
}
/** Spec, "canister_info": for canisters only; newer replicas answer it as a query too. */
export const canisterInfo = defineTargetMethod<InfoArgs>({
  name: "canister_info", ingress: false, callers: "anyone", target: byCanisterId,
  run: (_call, args, canister) => ok([infoOf(args, canister)]),
  queryRun: (_query, args, canister) => ok({ values: [infoOf(args, canister)], instructions: 0n }),
});

/** Spec, "canister_metadata": private sections for controllers only. */
export const canisterMetadata = defineTargetMethod<{ canister_id: CandidPrincipal; name: string }>({
  name: "canister_metadata", ingress: false, callers: "anyone", target: byCanisterId,
  run({ caller }, { name }, { id, system, execution }) {
    const canister = principalToText(id);
    if (execution === undefined) return err(userError("IC0406", `The canister ${canister} has no Wasm module and hence no metadata is available.`));
    const section = execution.metadata.find((candidate) => candidate.name === name);
    if (section === undefined || (section.visibility === "private" && !system.settings.controllers.includes(caller))) {
      return err(userError("IC0406", `The canister ${canister} has no metadata section with the name ${name.slice(0, 200)}.`));
    }
    return ok([{ value: section.content }]);
  },
});
