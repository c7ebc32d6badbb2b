import { principalToText } from "../types/index.ts";
import type { NetworkView } from "../interfaces/subnet.ts";
import { type Answer, jsonAnswer, textAnswer } from "./answer.ts";
import { withCors } from "./crossOrigin.ts";
import type { HttpRequest } from "./httpRequest.ts";
import { type PageSource, pageFacts } from "./page/pageFacts.ts";
import { PAGE_POLICY, pageHtml } from "./page/pageHtml.ts";

/** The page is for whoever opens it, not for scripts of other pages: they may not read it, and it is not kept or framed. */
const PRIVATE = { "cache-control": "no-store", vary: "accept", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "content-security-policy": PAGE_POLICY } as const;

/** `GET /`: a page for browsers, a document for whoever accepts `application/json`, a few lines for everybody else. */
export async function rootPage(network: NetworkView, implementation: { readonly name: string; readonly version: string }, request: HttpRequest, source: PageSource | undefined): Promise<Answer> {
  const accept = request.header("accept")?.toLowerCase() ?? "", wanted = accept.includes("text/html") ? "html" : accept.includes("application/json") ? "json" : "text";
  if (source === undefined || wanted === "text") return withCors(lines(network, implementation));
  const facts = await pageFacts(network, implementation.version, source);
  if (wanted === "html") return { status: 200, headers: { "content-type": "text/html; charset=utf-8", ...PRIVATE }, body: pageHtml(facts) };
  const answer = jsonAnswer(200, facts);
  return { ...answer, headers: { ...answer.headers, ...PRIVATE } };
}

const lines = (network: NetworkView, implementation: { readonly name: string; readonly version: string }): Answer => textAnswer(200, [
  `This is a local Internet Computer, run by ${implementation.name} ${implementation.version}.`, "",
  ...network.subnets.map((subnet) => `${subnet.type} subnet ${principalToText(subnet.subnetId)}: ${subnet.health}, height ${subnet.certifiedHeight}`), "",
  "Agents speak to it below /api; its root key is in /api/v2/status.", "",
].join("\n"), { vary: "accept" });
