import type { OptionSpec } from "./defineCommand.ts";
import { text } from "./arguments.ts";

/** Options of every command that talks to a network. */
export const networkOptions: { readonly network: OptionSpec<string | undefined>; readonly environment: OptionSpec<string | undefined>; readonly rootKey: OptionSpec<string | undefined>; readonly identity: OptionSpec<string | undefined> } = {
  environment: text("-e, --environment <name>", "environment of the project: its network, canisters and settings"),
  network: text("-n, --network <name>", "network of the project, or a URL (default: local)"),
  rootKey: text("-k, --root-key <key>", "root key of a network given by URL: hex, `mainnet`, or `fetch` for an address of this machine"),
  identity: text("--identity <name>", "who signs (default: default)"),
};

type Given = Readonly<Record<keyof typeof networkOptions, string | undefined>>;

/** What they say. */
export const connectOptions = ({ network, environment, rootKey, identity }: Given): Given => ({ network, environment, rootKey, identity });
