export * from "./brand.ts";
export * from "./ids.ts";
export * from "./principalText.ts";
export * from "./numbers.ts";
export * from "./result.ts";
export * from "./invariant.ts";
export * from "./errors.ts";
export * from "./messages.ts";
