import { flag, port, text, texts, whole } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";

export default defineCommand({
  path: "start", aliases: ["network start"],
  summary: "Start the project's local network",
  description: "Start the project's local network and show what its canisters print, until Ctrl-C. The state is kept in .icx/ and survives a crash.",
  examples: ["icx start", "icx start --background", "icx start --port 8001 --clean -y", "icx start --nodes 4 --subnet application:2 --subnet fiduciary", "icx start --host 0.0.0.0 --allow-host icx"],
  args: {},
  options: {
    background: flag("-d, --background", "return when the network answers; it keeps running"), port: port("-p, --port <number>", "port to listen on (default: 8000 or the next free one)"),
    host: text("--host <address>", "address to listen on (default: 127.0.0.1)"), allowHosts: texts("--allow-host <name>", "also accept requests to this host name; may be repeated"),
    clean: flag("--clean", "begin with a fresh state; the old one is moved aside"), ephemeral: flag("--ephemeral", "keep the state in memory only"),
    subnets: texts("--subnet <type>", "a subnet of a new network besides the root subnet, or several as in `application:2`; may be repeated (default: one application subnet)"),
    nodes: whole("--nodes <number>", "virtual nodes of each subnet of a new network (default: 1)"),
    workers: flag("--workers", "run each subnet besides the root subnet in a thread of its own, so that subnets execute at the same time"),
    seed: text("--seed <hex>", "64 hex digits that all keys and random choices of a new network come from"), log: { ...text("--log <file>", "where the output goes"), hidden: true },
  },
  endsItself: true,
  async run(input, context) {
    const { startLocalNetwork } = await import("../operations/startLocalNetwork.ts");
    await startLocalNetwork(context, input);
  },
});
