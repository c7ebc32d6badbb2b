import { existsSync } from "node:fs";
import { readDescriptor } from "../../network/descriptor.ts";
import { lockHolder } from "../../network/lock.ts";
import { isRunning } from "../../network/probe.ts";
import type { Check } from "./check.ts";

/** Who uses the local network's folder. */
export const lock: Check = {
  name: "lock",
  async run({ place }) {
    const holder = lockHolder(place.lock);
    if (holder === undefined) return { state: "ok", detail: existsSync(place.lock) ? "left by a process that is gone; the next command takes it over" : "free" };
    if (holder.use === "command") return { state: "ok", detail: `a command uses the state (pid ${holder.pid})` };
    const running = readDescriptor(place.descriptor);
    return running !== undefined && await isRunning(running) ? { state: "ok", detail: `this project's network (pid ${holder.pid})` }
      : { state: "failed", detail: `the process ${holder.pid} holds ${place.lock} and answers no requests`, remedy: "If it is not just starting, stop it with `icx stop`." };
  },
};
