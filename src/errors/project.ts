import type { ErrorDescriptor } from "./icxError.ts";

/** Errors of project and manifest (1xxx). */
export const projectErrors = {
  notFound: { code: "ICX1001", message: "No icp.yaml or dfx.json in {directory} or above it.", hint: "Create a project with `icx new my-project`, or change into one." },
  unknownCanister: { code: "ICX1002", message: "The project has no canister named {name}.", hint: "Its canisters are: {known}" },
  invalidManifest: { code: "ICX1003", message: "{file}:{line}: {problem}", hint: "Correct that line; `icx new example` writes a manifest to compare with." },
  folderNotEmpty: { code: "ICX1004", message: "The folder {folder} exists and is not empty.", hint: "Choose another name; icx never writes into a folder that holds files." },
  invalidName: { code: "ICX1005", message: "{name} is not a usable project name.", hint: "Use letters, digits, `-` and `_`, starting with a letter.", exitCode: 2 },
  unknownTemplate: { code: "ICX1006", message: "There is no template named {name}.", hint: "{suggestion}", exitCode: 2 },
  noCanisterId: { code: "ICX1007", message: "The canister {name} has not been created on this network.", hint: "Create and install it with `icx deploy {name}`." },
  noCanisters: { code: "ICX1008", message: "{file} defines no canister.", hint: "Add one under `canisters`." },
  unknownNetwork: { code: "ICX1009", message: "The project has no network named {name}.", hint: "Name one under `networks` in icp.yaml, or give a URL such as http://127.0.0.1:8000." },
  unreadableFile: { code: "ICX1010", message: "{file} cannot be read: {reason}", hint: "Check that the file exists and that you may read it." },
  unwritable: { code: "ICX1011", message: "{path} cannot be written: {reason}", hint: "Check the permissions and the free space, or work in another folder." },
  unknownEnvironment: { code: "ICX1012", message: "The project has no environment named {name}.", hint: "{suggestion}", exitCode: 2 },
  unsupportedCanisters: { code: "ICX1013", message: "icx does not deploy {canisters} yet: {reasons}.", hint: "{remedy}" },
  remoteNetwork: { code: "ICX1014", message: "The network {name} ({url}) is not a local one, and icx deploys and calls on local networks only.", hint: "Leave out `-n` and `-e` to use the local network; mainnet and other remote networks come with a later version." },
  idConflict: { code: "ICX1015", message: "Two canisters are called {name} here: the network knows it as {known}, {file} says {mirrored}, and both exist.", hint: "To keep {known}, delete {file}: it is written again. To keep {mirrored}, run `icx canister link {name} {mirrored} --force`." },
  notInEnvironment: { code: "ICX1016", message: "The canister {name} does not belong to the environment {environment}.", hint: "Add it under `canisters` of that environment; it has {known}." },
  remoteRecipe: { code: "ICX1017", message: "{file}:{line}: the recipe {type} would have to be downloaded.", hint: "Save it in the project, as in recipes/own.hb.yaml, and write `type: ./recipes/own.hb.yaml`; the recipes of dfinity come along." },
  recipe: { code: "ICX1018", message: "{file}:{line}: the recipe {type} cannot be used: {reason}", hint: "Correct {recipe}, or the `configuration` that it is given." },
} as const satisfies Record<string, ErrorDescriptor>;
