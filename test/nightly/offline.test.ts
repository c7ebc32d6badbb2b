import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { clone, installNode, measured, must, run, temporaryFolder } from "./ground.ts";

const MINUTES = 60_000;
const ground = temporaryFolder("offline");
/** A network namespace of its own, in which only the loopback interface is up. Without root, user namespaces must be allowed too. */
const ISOLATE = ["unshare", ...(process.getuid?.() === 0 ? ["--net"] : ["--map-root-user", "--net"]), "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] as const;
const allowed = spawnSync(ISOLATE[0], [...ISOLATE.slice(1), "true"]).status === 0;
const WITHOUT_UNSHARE = "this machine does not let us make a network namespace (unshare --net, ip link)";

describe("after the install nothing is downloaded", () => {
  let cwd: string, path: string[];
  const offline = (...command: string[]) => run(ISOLATE[0], [...ISOLATE.slice(1), ...command], { cwd, path });
  beforeAll(async () => {
    if (!allowed) return;
    path = [await installNode(20, ground)];
    cwd = await clone(ground, "icx");
    await must("npm", ["install"], { cwd, path });
  }, 10 * MINUTES);

  test("the network is really cut off, except to ourselves", async (context) => {
    if (!allowed) context.skip(WITHOUT_UNSHARE);
    const program = 'fetch("https://example.com").then(() => process.exit(3), () => require("http").createServer((q, s) => s.end("up")).listen(0, "127.0.0.1", async function () {'
      + " console.log(await (await fetch(`http://127.0.0.1:${this.address().port}`)).text()); process.exit(0); }))";
    expect(await offline("node", "-e", program)).toMatchObject({ code: 0, stdout: "up\n" });
  }, MINUTES);
  test("the demo runs", async (context) => {
    if (!allowed) context.skip(WITHOUT_UNSHARE);
    const ran = await offline("npx", "--no", "--", "icx", "demo");
    measured(`npx icx demo without a network: ${ran.seconds} s`);
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    expect(ran.stdout).toContain("(1 : nat)");
  }, 3 * MINUTES);
  test("npm pack runs", async (context) => {
    if (!allowed) context.skip(WITHOUT_UNSHARE);
    expect(await offline("npm", "pack", "--offline")).toMatchObject({ code: 0 });
  }, 3 * MINUTES);
});
