import { readStateFormats, STATE_FORMAT } from "../../network/stateFormat.ts";
import type { Check } from "./check.ts";

/** Whether this icx reads the local network's state. */
export const state: Check = {
  name: "state",
  async run({ place }) {
    const subnets = readStateFormats(place.state);
    if (subnets.length === 0) return { state: "absent", detail: "no network has run here" };
    const newer = subnets.find(({ format }) => format !== undefined && format > STATE_FORMAT), [{ format, icx }] = subnets as [(typeof subnets)[number]];
    return newer === undefined ? { state: "ok", detail: `format ${format ?? "unknown"}, begun by icx ${icx ?? "unknown"}` }
      : { state: "failed", detail: `format ${newer.format} of icx ${newer.icx ?? "unknown"}; this one reads up to ${STATE_FORMAT}`, remedy: "Update icx. Or begin anew with `icx start --clean`: it keeps this state aside." };
  },
};
