/** A principal in the form of `@dfinity/candid`. */
export interface PrincipalValue { toText(): string }
/** Who may see something, in the form of `@dfinity/candid`. */
export type VisibilityValue = { readonly controllers: null } | { readonly public: null } | { readonly allowed_viewers: readonly PrincipalValue[] };
/** A canister's settings as the network tells them (interface spec, `definite_canister_settings`). */
export interface SettingsValue {
  readonly controllers: readonly PrincipalValue[]; readonly compute_allocation: bigint; readonly memory_allocation: bigint; readonly freezing_threshold: bigint; readonly reserved_cycles_limit: bigint;
  readonly wasm_memory_limit: bigint; readonly wasm_memory_threshold: bigint; readonly log_memory_limit: bigint;
  /** Networks before 2026 do not tell it. */
  readonly minimum_incoming_canister_call_cycles: readonly bigint[];
  readonly log_visibility: VisibilityValue; readonly snapshot_visibility: VisibilityValue; readonly status_visibility: VisibilityValue;
  readonly environment_variables: readonly { readonly name: string; readonly value: string }[];
}

const NUMBERS = [
  ["compute_allocation", "Compute allocation"], ["memory_allocation", "Memory allocation"], ["freezing_threshold", "Freezing threshold"], ["reserved_cycles_limit", "Reserved cycles limit"],
  ["wasm_memory_limit", "Wasm memory limit"], ["wasm_memory_threshold", "Wasm memory threshold"], ["log_memory_limit", "Log memory limit"],
] as const;
const VISIBILITIES = [["log_visibility", "Log visibility", "log"], ["snapshot_visibility", "Snapshot visibility", "snapshot"], ["status_visibility", "Status visibility", "status"]] as const;

/** 1234567 → `1_234_567`. */
export const grouped = (value: bigint): string => value.toString().replace(/\B(?=(\d{3})+$)/g, "_");

/** Settings as icp-cli prints them: by themselves, or in a status report, where it words the variables otherwise. */
export function settingsLines(settings: SettingsValue, where: "settings" | "status"): readonly string[] {
  const { controllers, environment_variables: variables } = settings, title = where === "settings" ? "Environment variables" : "Environment Variables";
  return [
    ...controllersLines(controllers.map((controller) => controller.toText())),
    ...NUMBERS.map(([field, title]) => `${title}: ${grouped(settings[field])}`),
    ...VISIBILITIES.flatMap(([field, title, what]) => visibilityLines(settings[field], title, what)),
    ...(variables.length === 0 ? [`${title}: N/A`] : [`${title}:`, ...variables.map(({ name, value }) => (where === "settings" ? `  ${name}: ${value}` : `  Name: ${name}, Value: ${value}`))]),
  ];
}

/** Controllers as icp-cli prints them. */
export const controllersLines = (controllers: readonly string[]): readonly string[] => ["Controllers:", ...controllers.map((controller) => `  controller: ${controller}`)];

function visibilityLines(value: VisibilityValue, title: string, what: string): readonly string[] {
  if ("allowed_viewers" in value) return [`${title}: Allowed viewers`, ...value.allowed_viewers.map((viewer) => `  ${what} viewer: ${viewer.toText()}`)];
  return [`${title}: ${"public" in value ? "Public" : "Controllers"}`];
}

/** Settings under the keys of icp-cli; each visibility as `visibility` says. */
export function settingsDocument(settings: SettingsValue, visibility: (value: VisibilityValue) => unknown): Readonly<Record<string, unknown>> {
  return {
    controllers: settings.controllers.map((controller) => controller.toText()), ...Object.fromEntries(NUMBERS.map(([field]) => [field, settings[field]])),
    ...Object.fromEntries(VISIBILITIES.map(([field]) => [field, visibility(settings[field])])), minimum_incoming_canister_call_cycles: settings.minimum_incoming_canister_call_cycles[0] ?? 0n,
    environment_variables: settings.environment_variables.map(({ name, value }) => ({ name, value })),
  };
}
