import { readDescriptor } from "../../network/descriptor.ts";
import { probe } from "../../network/probe.ts";
import type { Check } from "./check.ts";

/** Where dfx, icp-cli and icx have their networks when nothing else is asked for. */
const USUAL_PORTS = [4943, 8000, 8001, 8080];
const PATIENCE_MS = 1_000;

/** Networks on this machine besides the project's own. */
export const networks: Check = {
  name: "other networks",
  async run({ project, place }) {
    const own = readDescriptor(place.descriptor)?.port, connected = (project?.networks ?? []).flatMap(({ name, url }) => (url !== undefined && isHere(url) ? [{ name, url }] : []));
    const usual = USUAL_PORTS.filter((port) => port !== own).map((port) => `http://127.0.0.1:${port}`).filter((url) => !connected.some((network) => network.url.startsWith(url)));
    const [named, unnamed] = await Promise.all([Promise.all(connected.map(async ({ name, url }) => ({ name, url, up: await answers(url) }))), Promise.all(usual.map(async (url) => ((await answers(url)) ? [url] : [])))]);
    const told = [...named.map(({ name, url, up }) => `${name} ${up ? "answers" : "does not answer"} at ${url}`), ...unnamed.flat().map((url) => `one at ${url}`)];
    return { state: "ok", detail: told.length === 0 ? "none" : told.join("; ") };
  },
};

const answers = async (url: string): Promise<boolean> => (await probe(url, PATIENCE_MS)).kind === "network";
const isHere = (url: string): boolean => /^https?:\/\/(127\.|localhost|\[::1\])/.test(url);
