/** The dfx whose variables are imitated: scripts compare it. */
const DFX_VERSION = "0.32.0";

export interface DfxFacts {
  readonly ids: Readonly<Record<string, string>>;
  readonly network: string;
  /** Canister → file of its interface. */
  readonly candidPaths: Readonly<Record<string, string>>;
  /** The canister that `CANISTER_ID` and `CANISTER_CANDID_PATH` are of. */
  readonly current?: string | undefined;
}

const suffix = (canister: string): string => canister.replaceAll("-", "_").toUpperCase();
const byName = (record: Readonly<Record<string, string>>): [string, string][] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** dfx's environment variables, in its order: version, network, interfaces, ids, then those of the current canister. */
export function dfxVariables({ ids, network, candidPaths, current }: DfxFacts): readonly (readonly [name: string, value: string])[] {
  const own = current === undefined ? [] : [["CANISTER_ID", ids[current]], ["CANISTER_CANDID_PATH", candidPaths[current]]] as const;
  return [
    ["DFX_VERSION", DFX_VERSION], ["DFX_NETWORK", network],
    ...byName(candidPaths).map(([name, path]) => [`CANISTER_CANDID_PATH_${suffix(name)}`, path] as const),
    ...byName(ids).map(([name, id]) => [`CANISTER_ID_${suffix(name)}`, id] as const),
    ...own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  ];
}
