import { existsSync } from "node:fs";
import { join } from "node:path";
import { WASM_TARGET } from "../../build/rust.ts";
import { askProgram, type Check } from "./check.ts";

const ADD = `rustup target add ${WASM_TARGET}`;

/** Whether Rust compiles to WebAssembly here. */
export const wasmTarget: Check = {
  name: "wasm target",
  async run(ground) {
    const sysroot = await askProgram(ground, "rustc", ["--print", "sysroot"]);
    if (sysroot === undefined) return { state: "absent", detail: "no rustc" };
    if (existsSync(join(sysroot, "lib", "rustlib", WASM_TARGET))) return { state: "ok", detail: WASM_TARGET };
    const needed = ground.project?.canisters.some(({ recipe }) => recipe.kind === "rust") === true;
    return needed ? { state: "failed", detail: `${WASM_TARGET} is not installed`, remedy: `Run \`${ADD}\`.` } : { state: "absent", detail: `needed for Rust canisters: \`${ADD}\`` };
  },
};
