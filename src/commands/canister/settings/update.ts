import { arg, bytes, choice, cycles, flag, hidden, percent, seconds, texts } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

const POLICIES = ["controllers", "public"] as const;

export default defineCommand({
  path: "canister settings update", aliases: ["canister update-settings"],
  summary: "Change a canister's settings",
  description: "Change a canister's settings; what is not named stays. Giving up control of it is asked about; -y answers.",
  examples: ["icx canister settings update counter --add-controller 2vxsx-fae", "icx canister settings update counter --freezing-threshold 90d --memory-allocation 1gib", "icx canister settings update counter --add-environment-variable STAGE=test"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: {
    addController: texts("--add-controller <principal>", "one more controller: a principal, an identity or a canister; may be repeated"), removeController: texts("--remove-controller <principal>", "one controller less; may be repeated"),
    setController: texts("--set-controller <principal>", "the controllers from now on; may be repeated"), removeAllControllers: flag("--remove-all-controllers", "no controllers, but those that are added"),
    computeAllocation: percent("--compute-allocation <percent>", "guaranteed share of a core"), memoryAllocation: bytes("--memory-allocation <size>", "reserved memory, such as 1gib"),
    freezingThreshold: seconds("--freezing-threshold <time>", "how long its cycles must last, such as 30d"), reservedCyclesLimit: cycles("--reserved-cycles-limit <amount>", "most cycles to set aside for memory"),
    wasmMemoryLimit: bytes("--wasm-memory-limit <size>", "most main memory that an update may use"), wasmMemoryThreshold: bytes("--wasm-memory-threshold <size>", "when less is left, on_low_wasm_memory runs"),
    logMemoryLimit: bytes("--log-memory-limit <size>", "how much of its log is kept"),
    logVisibility: choice("--log-visibility <policy>", "who may read its log", POLICIES), addLogViewer: texts("--add-log-viewer <principal>", "who may read its log besides the controllers"),
    removeLogViewer: texts("--remove-log-viewer <principal>", "who may no more"), setLogViewer: texts("--set-log-viewer <principal>", "who may from now on"),
    snapshotVisibility: choice("--snapshot-visibility <policy>", "who may see its snapshots", POLICIES), addSnapshotViewer: hidden(texts("--add-snapshot-viewer <principal>", "as for the log")),
    removeSnapshotViewer: hidden(texts("--remove-snapshot-viewer <principal>", "as for the log")), setSnapshotViewer: hidden(texts("--set-snapshot-viewer <principal>", "as for the log")),
    statusVisibility: choice("--status-visibility <policy>", "who may see its status", POLICIES), addStatusViewer: hidden(texts("--add-status-viewer <principal>", "as for the log")),
    removeStatusViewer: hidden(texts("--remove-status-viewer <principal>", "as for the log")), setStatusViewer: hidden(texts("--set-status-viewer <principal>", "as for the log")),
    addEnvironmentVariable: texts("--add-environment-variable <name=value>", "a variable that the canister can read; may be repeated"), environmentVariable: hidden(texts("--environment-variable <name=value>", "the same")),
    removeEnvironmentVariable: texts("--remove-environment-variable <name>", "one variable less; may be repeated"), force: hidden(flag("-f, --force", "as -y, as icp-cli spells it")), ...networkOptions,
  },
  async run({ canister, force, ...input }, context) {
    const { updateSettings } = await import("../../../operations/canister/updateSettings.ts"), { confirm } = context.ui;
    const ui = force ? { ...context.ui, confirm: async () => undefined } : { ...context.ui, confirm };
    context.ui.show(await updateSettings({ ...context, ui }, {
      ...input, canister, addVariable: [...input.addEnvironmentVariable, ...input.environmentVariable], removeVariable: input.removeEnvironmentVariable,
      log: { policy: input.logVisibility, add: input.addLogViewer, remove: input.removeLogViewer, set: input.setLogViewer },
      snapshot: { policy: input.snapshotVisibility, add: input.addSnapshotViewer, remove: input.removeSnapshotViewer, set: input.setSnapshotViewer },
      status: { policy: input.statusVisibility, add: input.addStatusViewer, remove: input.removeStatusViewer, set: input.setStatusViewer }, ...connectOptions(input),
    }));
  },
});
