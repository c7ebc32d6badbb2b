import { askProgram, type Check, type Ground } from "./check.ts";

const needs = ({ project }: Ground): boolean => project?.canisters.some(({ recipe }) => recipe.kind === "rust") === true;

/** Rust's build tool: needed by Rust canisters alone. */
export const cargo: Check = {
  name: "cargo",
  async run(ground) {
    const version = await askProgram(ground, "cargo", ["--version"]);
    if (version !== undefined) return { state: "ok", detail: version };
    return needs(ground) ? { state: "failed", detail: "the project has Rust canisters", remedy: "Install Rust from https://rustup.rs." } : { state: "absent", detail: "needed for Rust canisters: https://rustup.rs" };
  },
};
