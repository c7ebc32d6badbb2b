import { strict as assert } from "node:assert";
import type { CanisterId, IngressStatus, Principal, Result, UserError } from "../../src/replica/types/index.ts";
import { type UniversalOptions, universalModule } from "../canisters/universal.ts";
import { type TestSubnet, createTestSubnet } from "../unit/replica/execution/testSubnet.ts";
import { type Program, run } from "./universal.ts";

export type Mode = "install" | "reinstall" | "upgrade" | { readonly skipPreUpgrade?: boolean; readonly persistence?: "keep" | "replace" };
export interface CreateOptions { readonly cycles?: bigint; readonly settings?: Record<string, unknown>; readonly module?: Uint8Array; readonly init?: Program }

/** A canister with the universal module, and the ways to run programs on it. */
export interface Universal {
  readonly id: CanisterId;
  update(program: Program, sender?: Principal): IngressStatus;
  /** A query method, asked as a query. */
  query(program: Program, sender?: Principal): Result<Uint8Array, UserError>;
  composite(program: Program, sender?: Principal): Result<Uint8Array, UserError>;
  /** A query method, called as an update. */
  replicatedQuery(program: Program): IngressStatus;
  install(program: Program, mode?: Mode, module?: Uint8Array): unknown;
  /** The state as it is now. */
  readonly system: NonNullable<ReturnType<TestSubnet["state"]["canisters"]["get"]>>["system"];
}
/** A subnet whose canisters run programs. */
export interface UniversalSubnet { readonly subnet: TestSubnet; canister(options?: CreateOptions): Universal }

const modeOf = (mode: Mode): Record<string, unknown> => {
  if (typeof mode === "string") return { [mode]: mode === "upgrade" ? [] : null };
  return { upgrade: [{ skip_pre_upgrade: mode.skipPreUpgrade === undefined ? [] : [mode.skipPreUpgrade], wasm_memory_persistence: mode.persistence === undefined ? [] : [{ [mode.persistence]: null }] }] };
};

/** One subnet with a real engine; `options` are those of the module that its canisters have when they name no other. */
export async function createUniversalSubnet(options: UniversalOptions = {}, subnetOptions: Parameters<typeof createTestSubnet>[0] = {}): Promise<UniversalSubnet> {
  const standard = await universalModule(options), subnet = createTestSubnet(subnetOptions);
  return {
    subnet,
    canister({ cycles, settings, module = standard, init = run() } = {}) {
      const id = subnet.create(cycles, settings);
      const universal: Universal = {
        id,
        update: (program, sender) => subnet.call(id, "update", program.bytes, sender),
        query: (program, sender) => subnet.query(id, "query", program.bytes, sender),
        composite: (program, sender) => subnet.query(id, "composite", program.bytes, sender),
        replicatedQuery: (program) => subnet.call(id, "query", program.bytes),
        install: (program, mode = "install", code = module) => subnet.install(id, code, modeOf(mode), program.bytes),
        get system() { return subnet.state.canisters.get(id)!.system; },
      };
      assert.equal(universal.install(init), undefined);
      return universal;
    },
  };
}

/** The bytes of a reply, whoever gave it. @throws AssertionError when there is none, with what came instead */
export function replyOf(answer: IngressStatus | Result<Uint8Array, UserError>): Uint8Array {
  if ("ok" in answer) { assert(answer.ok, `a reply instead of ${JSON.stringify(answer, shown)}`); return answer.value; }
  assert(answer.kind === "completed", `a reply instead of ${JSON.stringify(answer, shown)}`);
  return answer.reply;
}
/** The failure, whoever met it. @throws AssertionError when there is none */
export function failureOf(answer: IngressStatus | Result<Uint8Array, UserError>): { readonly code: string; readonly message: string; readonly rejectCode?: number } {
  if ("ok" in answer) { assert(!answer.ok, "a failure instead of a reply"); return answer.error; }
  assert(answer.kind === "failed", `a failure instead of ${JSON.stringify(answer, shown)}`);
  return answer;
}
const shown = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);
/** Little-endian numbers of a reply. */
export const u64At = (data: Uint8Array, at = 0): bigint => Buffer.from(data).readBigUInt64LE(at);
export const u128At = (data: Uint8Array, at = 0): bigint => u64At(data, at) | (u64At(data, at + 8) << 64n);
export const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);
