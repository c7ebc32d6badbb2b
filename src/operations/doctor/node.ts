import type { Check } from "./check.ts";

const MAJOR_MIN = 24; // as bin/icx.js has it

/** The Node that runs icx. */
export const node: Check = {
  name: "Node",
  run: async () => (Number(process.versions.node.split(".")[0]) >= MAJOR_MIN
    ? { state: "ok", detail: `${process.version}, ${process.platform} ${process.arch}` }
    : { state: "failed", detail: `${process.version} is too old`, remedy: `Install Node ${MAJOR_MIN} or newer from https://nodejs.org.` }),
};
