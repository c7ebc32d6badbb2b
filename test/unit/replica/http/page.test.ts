import { beforeAll, describe, expect, test } from "vitest";
import { principalToText } from "../../../../src/replica/types/index.ts";
import type { PrintedLine } from "../../../../src/replica/http/page/pageFacts.ts";
import { recentLines } from "../../../../src/replica/http/page/recentLines.ts";
import { COUNTER, createTestNetwork, type TestNetwork } from "./testNetwork.ts";

const id = principalToText(COUNTER), HOSTILE = "<script>alert(\"x\")</script>&'\u001b[31m\u202e";
const printed = (text: string): PrintedLine => ({ canister: COUNTER, timeNanos: 1_700_000_000_000_000_000n, text });
let lines: PrintedLine[] = [], trusted = true;

describe("the page of a network", () => {
  let network: TestNetwork;
  beforeAll(async () => { network = await createTestNetwork({ page: { names: () => ({ [id]: "count<er>" }), lines: () => lines, get trusted() { return trusted; } } }); });
  const get = (accept?: string, path = "/"): Promise<Response> => network.http(new Request(`http://localhost${path}`, { headers: accept === undefined ? {} : { accept } }));

  test("shows a browser the root key, the subnets with heights, canisters with names, and what they print", async () => {
    lines = [printed("count is now 1")];
    const answer = await get("text/html,application/xhtml+xml,*/*;q=0.8"), body = await answer.text();
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("vary")]).toEqual([200, "text/html; charset=utf-8", "accept"]);
    expect(body).toContain(Buffer.from(network.view.rootKey).toString("hex"));
    for (const subnet of network.view.subnets) expect(body).toContain(`<code>${principalToText(subnet.subnetId)}</code><br>Height ${subnet.certifiedHeight} `);
    expect(body).toContain(`<td>count&lt;er&gt;</td><td><code>${id}</code></td>`);
    expect(body).toContain("[count&lt;er&gt;] count is now 1");
  });
  test("nothing that a canister prints or is called becomes markup", async () => {
    lines = [printed(HOSTILE)];
    const body = await (await get("text/html")).text();
    expect(body).not.toContain("<script");
    expect(body).not.toMatch(/[\u001b\u202e]/);
    expect(body).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;\\u{1b}[31m\\u{202e}");
  });
  test("runs nothing, loads nothing from elsewhere, and is no other page's to read", async () => {
    for (const accept of ["text/html", "application/json"]) {
      const { headers } = await get(accept);
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    }
    expect(await (await get("text/html")).text()).not.toMatch(/\b(?:src|href)=|url\(|@import/);
  });
  test("is a document for programs, and a few lines, which every page may read, for everybody else", async () => {
    lines = [printed(HOSTILE)];
    const document = await (await get("application/json")).json() as { readonly log: unknown; readonly subnets: unknown };
    expect(document).toMatchObject({ log: [{ canister: id, name: "count<er>", text: HOSTILE }] });
    const text = await get();
    expect([text.headers.get("content-type"), text.headers.get("access-control-allow-origin")]).toEqual(["text/plain; charset=utf-8", "*"]);
    expect(await text.text()).not.toMatch(/script|count/);
    for (const line of (await (await get("*/*")).text()).split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });
  test("where others reach it, it shows public logs alone", async () => {
    lines = [printed("secret")];
    trusted = false;
    try { expect(await (await get("text/html")).text()).not.toContain("secret"); } finally { trusted = true; }
    expect(await (await get("text/html")).text()).toContain("secret");
  });
});

test("of what canisters print, the last lines are kept, cut where they are long", () => {
  const kept = recentLines();
  for (let i = 0; i < 300; i++) kept.add({ canister: COUNTER, timeNanos: BigInt(i), content: new Uint8Array(5_000).fill(97) });
  expect([kept.all.length, kept.all[0]!.timeNanos, kept.all[0]!.text.length]).toEqual([200, 100n, 2_000]);
});
