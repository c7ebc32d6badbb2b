import { createServer } from "node:net";
import { once } from "node:events";
import { readDescriptor } from "../../network/descriptor.ts";
import { isRunning } from "../../network/probe.ts";
import { portHolder } from "../../network/processes.ts";
import type { Check } from "./check.ts";

const DEFAULT_PORT = 8000;

/** The port that `icx start` takes. */
export const ports: Check = {
  name: "port",
  async run({ project, place }) {
    const running = readDescriptor(place.descriptor);
    if (running !== undefined && await isRunning(running)) return { state: "ok", detail: `${running.port}: this project's network` };
    const fixed = project?.networks.find(({ name, managed }) => managed && name === "local")?.port, port = fixed ?? DEFAULT_PORT;
    if (await isFree(port)) return { state: "ok", detail: `${port} is free` };
    const holder = portHolder(port), detail = `${port} is used${holder === undefined ? "" : ` by ${holder}`}`;
    return fixed === undefined || fixed === 0 ? { state: "ok", detail: `${detail}; \`icx start\` takes the next free one` } : { state: "failed", detail, remedy: "Stop that program, or leave the port out of the manifest: `icx start` takes a free one." };
  },
};

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch { return false; } finally { server.close(); }
}
