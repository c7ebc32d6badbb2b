import { describe, expect, test } from "vitest";
import { principalToText } from "../../src/replica/types/index.ts";
import { OTHER, candidPrincipal, settingsOf } from "../unit/replica/execution/testSubnet.ts";
import { type Universal, createUniversalSubnet, failureOf, textOf } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const DOCS = "See documentation: https://internetcomputer.org/docs/current/references/execution-errors#", TRAPPED = "Consider gracefully handling failures from this canister or altering the canister to handle exceptions.";
const MIB = 1n << 20n;
const logged = (canister: Universal): string[] => canister.system.logs.map(({ content }) => textOf(content));

/** The words of dfinity/ic (rs/interfaces/src/execution_environment/errors.rs), which tools and people look for. */
describe("Error codes: the words of failures", async () => {
  const { subnet, canister } = await createUniversalSubnet(), a = canister(), from = `Error from Canister ${principalToText(a.id)}: `;
  const said = (program: Program): string => failureOf(a.update(program)).message;

  test.each<readonly [string, Program, string, string]>([
    ["trap", run().trap("oh"), "Canister called `ic0.trap` with message: 'oh'", `${TRAPPED} ${DOCS}trapped-explicitly`], ["a trap without words", run().trap(""), "Canister called `ic0.trap` with message: ''", `${TRAPPED} ${DOCS}trapped-explicitly`],
    ["unreachable", run().do("unreachable"), "Canister trapped: unreachable", `${TRAPPED} ${DOCS}trapped`],
  ])("%s", (_, program, words, help) => {
    expect(said(program)).toBe(`${from}${words}.\n${help}`);
  });
  test("in the log a trap stands alone, other failures with their words", () => {
    const b = canister();
    for (const program of [run().trap("oh"), run().trap(""), run().do("unreachable"), run().ic0("msg_reject_code").drop()]) b.update(program);
    expect(logged(b)).toEqual(["[TRAP]: oh", "[TRAP]: (no message)", "[TRAP]: unreachable", expect.stringMatching(/^\[TRAP\]: Canister violated contract: "ic0_msg_reject_code" cannot be executed in update mode/)]);
  });
  test("a method that is not there, for updates and queries", () => {
    const help = `Check that the method being called is exported by the target canister. ${DOCS}method-not-found`;
    expect(failureOf(subnet.call(a.id, "nope")).message).toBe(`${from}Canister has no update method 'nope'..\n${help}`);
    expect(failureOf(subnet.query(a.id, "nope")).message).toBe(`${from}Canister has no query method 'nope'..\n${help}`);
  });
  test("no code", () => {
    const id = subnet.create();
    expect(failureOf(subnet.call(id, "go"))).toMatchObject({
      code: "IC0537", message: `Error from Canister ${principalToText(id)}: Attempted to execute a message, but the canister contains no Wasm module..\nPlease install code to this canister before calling it. ${DOCS}wasm-module-not-found`,
    });
  });
  test("a callback and its cleanup that trap: both, without help", () => {
    const call = run().call({ callee: a.id, method: "update", arg: run().reply("x"), onReply: run().trap("first"), onCleanup: run().trap("second") });
    expect(failureOf(a.update(call)).message).toBe(`${from}Canister called \`ic0.trap\` with message: 'first'\n\ncall_on_cleanup also failed:\n\nCanister called \`ic0.trap\` with message: 'second'`);
  });
  test("the limit of the heap: what to do about it", () => {
    const low = canister({ settings: { wasm_memory_limit: 2n * MIB } }), words = failureOf(low.update(run().push(4n * MIB).do("alloc").drop().reply("x")));
    expect(words).toMatchObject({ code: "IC0539", message: expect.stringMatching(/^Error from Canister \S+: Canister exceeded its current Wasm memory limit of 2097152 bytes\. The peak Wasm memory usage was \d+ bytes\. If the canister reaches 4GiB, [^]* in the canister settings\.\.\nTry checking the canister for a possible memory leak [^]*#wasm-memory-limit-exceeded$/) });
  });
  test("without cycles: how much is missing is for controllers to know; amounts have underscores", () => {
    const poor = canister();
    subnet.manage("update_settings", { canister_id: candidPrincipal(poor.id), settings: settingsOf({ freezing_threshold: 9_000_000_000_000n }), sender_canister_version: [] });
    const name = `Canister ${principalToText(poor.id)} is out of cycles`;
    expect(failureOf(poor.update(run())).message).toMatch(new RegExp(`^${name}: please top up the canister with at least \\d{1,3}(_\\d{3})+ additional cycles$`));
    expect(failureOf(poor.update(run(), OTHER)).message).toBe(name);
  });
  test("more cycles than there are", () => {
    const most = failureOf(a.update(run().push(Buffer.from(a.id, "hex")).ic0("call_new", "update", 0, 0, 0, 0).ic0("call_cycles_add128", 1, 0)));
    expect(most).toMatchObject({ code: "IC0504", message: expect.stringMatching(/^Error from Canister (\S+): Canister \1 is out of cycles: please top up the canister with at least [\d_]+ additional cycles$/) });
  });
});
