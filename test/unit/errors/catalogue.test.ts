import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERRORS } from "../../../src/errors/catalogue.ts";
import { IcxError, type ErrorDescriptor } from "../../../src/errors/icxError.ts";

const rows: readonly (readonly [string, ErrorDescriptor])[] = Object.entries(ERRORS).flatMap(([area, group]) => Object.entries(group).map(([name, descriptor]) => [`${area}.${name}`, descriptor] as const));
const RANGES: Readonly<Record<string, string>> = { project: "1", network: "2", identity: "3", build: "4", arguments: "5", canister: "6", internal: "9" };
const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts") && !file.startsWith("errors/")).map((file) => readFileSync(join("src", file), "utf8")).join("\n") + readFileSync("bin/icx.js", "utf8");

describe("the catalogue", () => {
  test("every code is there once, in its area's range", () => {
    expect(new Set(rows.map(([, { code }]) => code)).size).toBe(rows.length);
    for (const [name, { code }] of rows) expect(code, name).toMatch(new RegExp(`^ICX${RANGES[name.split(".")[0]!]}\\d{3}$`));
  });
  test.each(rows)("%s is thrown somewhere, and says what to do", (name, { code, message, hint }) => {
    expect(sources.includes(`ERRORS.${name}`) || sources.includes(code)).toBe(true);
    expect(message).not.toBe("");
    expect(hint).toMatch(/[.}]$/);
  });
  test("holes are filled, values are not read again, causes and facts are kept", () => {
    const cause = new TypeError("why"), error = new IcxError(ERRORS.project.unknownCanister, { name: "{known}", known: "a, b" }, { cause, details: { asked: 1 } });
    expect(error).toMatchObject({ code: "ICX1002", message: "The project has no canister named {known}.", hint: "Its canisters are: a, b", exitCode: 1, cause, details: { asked: 1 } });
    // @ts-expect-error — the template names {name} and {known}
    expect(new IcxError(ERRORS.project.unknownCanister, { nam: "counter" }).message).toContain("{name}");
    expect(new IcxError(ERRORS.arguments.declined)).toMatchObject({ code: "ICX5010", exitCode: 1 });
  });
});
