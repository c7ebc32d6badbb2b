import type { OptionSpec } from "./defineCommand.ts";
import { text } from "./arguments.ts";

/** Options of every command that talks to a network. */
export const networkOptions: { readonly network: OptionSpec<string | undefined>; readonly environment: OptionSpec<string | undefined>; readonly rootKey: OptionSpec<string | undefined>; readonly identity: OptionSpec<string | undefined> } = {
  network: text("-n, --network <name>", "network of the project, `ic`, or a URL (default: local)"),
  environment: { ...text("-e, --environment <name>", "the same, as icp-cli spells it"), hidden: true },
  rootKey: text("--root-key <hex>", "root key of a network given by URL"),
  identity: text("--identity <name>", "who signs (default: default)"),
};

interface Given { readonly network: string | undefined; readonly environment: string | undefined; readonly rootKey: string | undefined; readonly identity: string | undefined }

/** What they say. */
export const connectOptions = ({ network, environment, rootKey, identity }: Given): { readonly network: string | undefined; readonly rootKey: string | undefined; readonly identity: string | undefined } =>
  ({ network: network ?? environment, rootKey, identity });
