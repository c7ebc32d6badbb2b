import { Html, html } from "./html.ts";
import type { PageFacts } from "./pageFacts.ts";

/** How often a browser that stays reads it again. */
const REFRESH_SECONDS = 5;
/** Nothing of the page comes from elsewhere, and nothing in it runs. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE = new Html(`
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; } pre { white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dim { opacity: .65; }
`);

type Subnet = PageFacts["subnets"][number];
const table = ({ canisters, more }: Subnet): Html => (canisters.length === 0 ? html`<p class="dim">No canisters.</p>` : html`<table>
<tr><th>Canister</th><th>Id</th><th>Module</th></tr>
${canisters.map(({ id, name, moduleHash }) => html`<tr><td>${name ?? "–"}</td><td><code>${id}</code></td><td><code title="${moduleHash ?? ""}">${moduleHash?.slice(0, 8) ?? "empty"}</code></td></tr>
`)}</table>${more === 0 ? "" : html`<p class="dim">… and ${more} more.</p>`}`);
const section = (subnet: Subnet): Html => html`<h2>${subnet.type === "system" ? "System" : "Application"} subnet</h2>
<p><code>${subnet.id}</code><br>Height ${subnet.height} at ${subnet.time}, ${subnet.health.replaceAll("_", " ")}</p>
${table(subnet)}
`;
const logSection = (log: PageFacts["log"]): Html => (log.length === 0 ? html`` : html`<h2>What canisters print</h2>
<pre>${log.map(({ time, canister, name, text }) => html`<span class="dim">${time}</span> [${name ?? canister}] ${text}
`)}</pre>
`);

/** The page of a network: one document without a script or anything from elsewhere. */
export const pageHtml = ({ version, rootKey, subnets, log }: PageFacts): string => html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Local Internet Computer</title><style>${STYLE}</style></head><body>
<h1>Local Internet Computer</h1>
<p>Run by icx ${version}. Agents speak to it below <code>/api</code>.</p>
${subnets.map(section)}${logSection(log)}<h2>Root key</h2>
<p><code>${rootKey}</code></p>
</body></html>
`.text;
