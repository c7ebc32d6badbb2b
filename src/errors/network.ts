import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of network and transport (2xxx). */
export const networkErrors = {
  notRunning: { code: "ICX2001", message: "Nothing answers at {url}.", hint: "Start the local network with `icx start --background`." },
  portTaken: { code: "ICX2002", message: "Port {port} is in use{holder}.", hint: "Leave out `--port` to take the next free one, or stop the other program." },
  alreadyRunning: { code: "ICX2003", message: "The network is already running at {url} (pid {pid}), but {differences}.", hint: "Leave these options out to use it as it is, or stop it first with `icx stop`." },
  notStarted: { code: "ICX2004", message: "The network of this project is not running.", hint: "Start it with `icx start --background`." },
  startFailed: { code: "ICX2005", message: "The network did not start: {reason}", hint: "The log is {log}. `icx start --clean` begins with a fresh state and keeps the old one aside." },
  stopFailed: { code: "ICX2006", message: "The network (pid {pid}) did not stop within {seconds} s.", hint: "Look at {log}; ending the process by force is safe, the state is journalled." },
  locked: { code: "ICX2007", message: "Another process (pid {pid}) is using the network's folder {folder}.", hint: "Wait until it has ended. If it is a network, `icx stop` ends it." },
  requestFailed: { code: "ICX2008", message: "The request to {url} failed: {reason}", hint: "Check that the network is healthy with `icx network status`." },
  noRootKey: { code: "ICX2010", message: "The root key of the network at {url} is not known, so its answers cannot be verified.", hint: "Pass it with `--root-key <hex>`, or `--root-key fetch` if the address is this machine's own." },
  rootKeyChanged: { code: "ICX2011", message: "The network at {url} is not the one that was started here: its root key differs.", hint: "Another program may have taken the port. Run `icx stop` and `icx start`." },
  newerState: { code: "ICX2013", message: "The network's state in {folder} was written by a newer icx ({detail}).", hint: "Update icx. Or begin anew with `icx start --clean`: it keeps this state aside." },
  damagedState: { code: "ICX2014", message: "The network's state in {folder} is damaged beyond repair: {detail}.", hint: "Restore the folder from a backup, or begin anew with `icx start --clean`: it keeps this state aside." },
  diskFull: { code: "ICX2015", message: "There is no space left for the network's state in {folder}: {detail}.", hint: "Make space and repeat the command. Nothing that the network acknowledged is lost." },
  stateNotWritable: { code: "ICX2016", message: "The network's state in {folder} cannot be written: {detail}.", hint: "Give yourself write permission on that folder, or run the network in a project elsewhere." },
  localOnly: { code: "ICX2017", message: "`{option}` works on the local network alone, and {network} is another one.", hint: "Leave out `-n` and `-e` to use the local network. Nothing was sent.", exitCode: 2 },
  signaturesNeeded: { code: "ICX2018", message: "The network at {url} takes no request without a signature: {reason}", hint: "Only networks that this version of icx has made do. `icx start --clean` begins with a fresh state and keeps the old one aside." },
  unknownNode: { code: "ICX2019", message: "The network has no node whose id begins with `{text}`, or more than one.", hint: "{suggestion}", exitCode: 2 },
  noLinks: { code: "ICX2020", message: "Every subnet of this network has one node, so there are no links for `{command}` to act on.", hint: "To begin anew with four nodes a subnet: `icx stop`, then `icx start --clean --nodes 4`, which keeps the old state aside." },
  unknownSubnet: { code: "ICX2021", message: "The network has no subnet whose id begins with `{text}`, or more than one.", hint: "{suggestion}", exitCode: 2 },
  neededSubnet: { code: "ICX2022", message: "The subnet {id} cannot be removed: it {purpose}.", hint: "To begin anew with the subnets that you ask for: `icx stop`, then `icx start --clean`, which keeps the old state aside." },
  nodeStopped: { code: "ICX2023", message: "The node {id} does not run.", hint: "`icx node start {id}` starts it." },
  unrecoverable: { code: "ICX2024", message: "The subnet {id} cannot be recovered: {reason}.", hint: "`icx node list` shows its nodes, and which of them run." },
  unsplittable: { code: "ICX2025", message: "The subnet {id} cannot be split: {reason}.", hint: "`icx subnet info {id}` shows its canister ids, `icx subnet list` how all subnets are." },
  untrusted: { code: "ICX2012", message: "The answer of {url} does not carry a valid certificate: {reason}", hint: "The data was rejected. Check that the root key belongs to this network." },
} as const satisfies Record<string, ErrorDescriptor>;
