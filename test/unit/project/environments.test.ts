import { describe, expect, test } from "vitest";
import type { Project } from "../../../src/context/project.ts";
import { chooseEnvironment, type PlaceChoice } from "../../../src/project/chooseEnvironment.ts";
import { inEnvironment } from "../../../src/project/inEnvironment.ts";
import { isNear, refuseRemote } from "../../../src/project/refuseRemote.ts";
import { selectCanisters } from "../../../src/project/selectCanisters.ts";
import { load } from "./load.ts";

const STEPS = "build: { steps: [{ type: script, command: x }] }";
const MANIFEST = `
canisters:
  - { name: a, ${STEPS}, settings: { compute_allocation: 1, memory_allocation: 1gib }, init_args: "(1)" }
  - { name: b, ${STEPS} }
networks:
  - { name: testbed, mode: connected, url: "http://127.0.0.1:1234", root-key: fetch }
environments:
  - { name: staging, network: testbed, canisters: [b, a], settings: { a: { compute_allocation: 9 } }, init_args: { a: "(2)" }, upgrade_args: { a: "(3)" } }
  - { name: small, canisters: [a] }
  - { name: empty, canisters: [] }
`;
const within = (check: (project: Project) => void): void => load({ "icp.yaml": MANIFEST }, check);

describe("an environment", () => {
  test("has its canisters in its order; what it says replaces settings and arguments whole", () => within((project) => {
    const { canisters, environment } = inEnvironment(project, "staging");
    expect(environment).toBe("staging");
    expect(canisters.map(({ name }) => name)).toEqual(["b", "a"]);
    expect(canisters[1]).toMatchObject({ settings: { computeAllocation: 9n }, initArgs: { text: "(2)" }, upgradeArgs: { text: "(3)" } });
    expect(canisters[1]!.settings).not.toHaveProperty("memoryAllocation");
    expect(inEnvironment(project, "empty").canisters).toEqual([]);
  }));
  test("local and ic are there without being named", () => within((project) => {
    expect(project.environments.map(({ name }) => name)).toEqual(["staging", "small", "empty", "local", "ic"]);
    expect(inEnvironment(project, "local").canisters).toEqual(project.canisters);
  }));
  test("a name that is wrong gets the nearest one", () => within((project) => {
    expect(() => inEnvironment(project, "stagign")).toThrow(expect.objectContaining({ code: "ICX1012", exitCode: 2, hint: expect.stringContaining("Did you mean `staging`?") as unknown }));
  }));
  test("a canister that it leaves out is told from one that is not there", () => within((project) => {
    const small = inEnvironment(project, "small");
    expect(() => selectCanisters(small, ["b"])).toThrow(expect.objectContaining({ code: "ICX1016", hint: expect.stringContaining("it has a") as unknown }));
    expect(() => selectCanisters(small, ["aa"])).toThrow(expect.objectContaining({ code: "ICX1002", hint: expect.stringContaining("Did you mean `a`?") as unknown }));
  }));
});

describe("where a command works", () => {
  const rows: readonly (readonly [string, PlaceChoice, Readonly<Record<string, string>>, object])[] = [
    ["by default on the local network", {}, {}, { environment: "local", network: "local" }],
    ["-e names an environment", { environment: "staging" }, {}, { environment: "staging", network: "testbed" }],
    ["-n a network, and the one environment that is on it", { network: "testbed" }, {}, { environment: "staging", network: "testbed" }],
    ["-n a network that several environments are on: the one of its name", { network: "local" }, {}, { environment: "local", network: "local" }],
    ["-n a URL, which no environment is on", { network: "http://127.0.0.1:1" }, {}, { network: "http://127.0.0.1:1", defined: false }],
    ["ICX_ENVIRONMENT before ICP_ENVIRONMENT", {}, { ICX_ENVIRONMENT: "small", ICP_ENVIRONMENT: "staging" }, { environment: "small" }],
    ["ICP_ENVIRONMENT before networks", {}, { ICP_ENVIRONMENT: "staging", ICX_NETWORK: "local" }, { environment: "staging" }],
    ["an empty variable is none", {}, { ICP_ENVIRONMENT: "", DFX_NETWORK: "testbed" }, { environment: "staging" }],
    ["an option before any variable", { network: "local" }, { ICP_ENVIRONMENT: "staging" }, { environment: "local" }],
    ["both, when they agree", { network: "testbed", environment: "staging" }, {}, { environment: "staging" }],
  ];
  test.each(rows)("%s", (_, choice, env, expected) => within((project) => expect(chooseEnvironment(project, choice, env)).toMatchObject(expected)));
  test("both, when they differ, are refused", () => within((project) => {
    expect(() => chooseEnvironment(project, { network: "local", environment: "staging" }, {})).toThrow(expect.objectContaining({ code: "ICX5001", exitCode: 2 }));
  }));
});

describe("a network that is not local is refused before anything is sent", () => {
  test.each(["ic", "https://icp0.io", "http://203.0.113.7:8000", "https://icp-api.io"])("%s", (network) => expect(() => { refuseRemote(network, []); }).toThrow(expect.objectContaining({ code: "ICX1014" })));
  test("by the URL that the project gives it, whatever it is called", () => expect(() => { refuseRemote("local-ish", [{ name: "local-ish", managed: false, url: "https://example.com" }]); }).toThrow(expect.objectContaining({ code: "ICX1014" })));
  test.each(["http://127.0.0.1:8000", "http://localhost", "http://app.localhost:1", "http://[::1]:8", "http://10.0.0.1", "http://172.16.3.4", "http://192.168.1.5:8000", "http://host.docker.internal:8000", "http://replica:8000"])("%s is near", (url) => expect(isNear(url)).toBe(true));
  test.each(["http://172.32.0.1", "http://11.0.0.1", "https://localhost.example.com", "http://[2001:db8::1]", "no url", "http://1.1.1.1"])("%s is not", (url) => expect(isNear(url)).toBe(false));
});
