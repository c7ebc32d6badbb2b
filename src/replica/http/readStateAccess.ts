import { isUtf8 } from "node:buffer";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type MessageId, PRINCIPAL_BYTES_MAX, type Principal, hexFromBytes, messageId, principalToText } from "../types/index.ts";
import type { AuthenticReadState } from "../interfaces/ingress.ts";
import type { Path, SubnetView } from "../interfaces/subnet.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** Where a read_state request was sent: what may be asked depends on it. */
export interface ReadStateTarget {
  readonly scope: "canister" | "subnet";
  readonly version: "v2" | "v3";
  readonly id: Principal;
  readonly subnet: SubnetView;
  readonly rootSubnet: Principal;
}
interface Asked { readonly target: ReadStateTarget; readonly request: AuthenticReadState; readonly wild: readonly Uint8Array[] }
/** One form of a path. `*` stands for any label; `check` gets those and gives an answer when the path may not be read. */
interface PathRule { readonly form: readonly string[]; readonly leaves?: readonly string[]; when?(target: ReadStateTarget): boolean; check?(asked: Asked): Answer | undefined }

/** dfinity/ic, EXPECTED_MESSAGE_ID_LENGTH. */
const REQUEST_ID_BYTES = 32;
const invalidPath = textAnswer(404, "Invalid path requested.");

function principalOf(label: Uint8Array): Principal | Answer {
  return label.length > PRINCIPAL_BYTES_MAX ? textAnswer(400, `Could not parse principal ID: got ${label.length} bytes, at most ${PRINCIPAL_BYTES_MAX} are allowed.`) : (hexFromBytes(label) as Principal);
}

/** The principal in the path is the one in the URL. */
function sameAsUrl({ target, wild }: Asked): Answer | undefined {
  const id = principalOf(wild[0]!);
  if (typeof id !== "string") return id;
  return id === target.id ? undefined : textAnswer(400, `Effective principal id in URL ${principalToText(target.id)} does not match requested principal id: ${principalToText(id)}.`);
}

function flatRanges({ target, wild }: Asked): Answer | undefined {
  if (target.version === "v2") return undefined;
  const id = principalOf(wild[0]!);
  if (typeof id !== "string") return id;
  return id === target.rootSubnet ? undefined : invalidPath;
}

/** Interface spec: a private custom section is for controllers; what does not exist is proven absent. */
function metadata(asked: Asked): Answer | undefined {
  const wrong = sameAsUrl(asked), name = asked.wild[1]!;
  if (!isUtf8(name)) return textAnswer(400, "Could not parse the custom section name: invalid utf-8 sequence.");
  if (wrong !== undefined) return wrong;
  const canister = asked.target.subnet.certifiedState().canisters.get(asked.target.id as CanisterId);
  const text = Buffer.from(name).toString();
  const section = canister?.execution?.metadata.find((candidate) => candidate.name === text);
  if (canister === undefined || section === undefined || section.visibility === "public") return undefined;
  return canister.system.settings.controllers.includes(asked.request.sender) ? undefined
    : textAnswer(403, `Custom section ${text.slice(0, 100)} can only be requested by the controllers of the canister.`);
}

/** Interface spec: a known request is shown to its sender, at the id that it was sent to, within the delegation's targets. */
function requestStatus({ target, request, wild }: Asked): Answer | undefined {
  if (wild[0]!.length !== REQUEST_ID_BYTES) return textAnswer(400, `Invalid request id in paths. Maybe the request ID is not of ${REQUEST_ID_BYTES} bytes in length?!`);
  const status = target.subnet.ingressStatus(messageId(wild[0]!));
  if (status.kind === "unknown") return undefined;
  if (status.sender !== request.sender) return textAnswer(403, "The user tries to access Request ID not signed by the caller.");
  // A call that creates a canister is about none yet: it may have been sent to any id of the subnet.
  const sentHere = status.effectiveCanisterId === target.id || status.effectiveCanisterId === MANAGEMENT_CANISTER_ID;
  if (target.scope === "canister" && !sentHere) return textAnswer(403, "The user tries to access Request ID of another effective canister id.");
  if (request.targets !== "all" && !request.targets.has(status.receiver)) {
    return textAnswer(403, "The user tries to access request IDs for canisters not belonging to sender delegation targets.");
  }
  return undefined;
}

const atCanister = (target: ReadStateTarget): boolean => target.scope === "canister";
const atSubnet = (target: ReadStateTarget): boolean => target.scope === "subnet";

/** Interface spec, "Request: Read state": every form of path that may be requested; all others are 404. */
const RULES: readonly PathRule[] = [
  { form: ["time"] },
  { form: ["api_boundary_nodes"] },
  { form: ["api_boundary_nodes", "*"] },
  { form: ["api_boundary_nodes", "*"], leaves: ["domain", "ipv4_address", "ipv6_address"] },
  { form: ["subnet"] },
  { form: ["subnet", "*"] },
  { form: ["subnet", "*"], leaves: ["public_key", "type", "node"] },
  { form: ["subnet", "*"], leaves: ["canister_ranges"], check: flatRanges },
  { form: ["subnet", "*"], leaves: ["metrics"], when: atSubnet, check: sameAsUrl },
  { form: ["subnet", "*", "node", "*"] },
  { form: ["subnet", "*", "node", "*"], leaves: ["public_key"] },
  { form: ["canister_ranges", "*"], when: atSubnet },
  { form: ["request_status", "*"], check: requestStatus },
  { form: ["request_status", "*"], leaves: ["status", "reply", "reject_code", "reject_message", "error_code"], check: requestStatus },
  { form: ["canister", "*"], leaves: ["module_hash", "controllers", "canister_creation_timestamp", "last_install_timestamp"], when: atCanister, check: sameAsUrl },
  { form: ["canister", "*", "metadata", "*"], when: atCanister, check: metadata },
];

/** The labels at the stars when the path has this form. */
function matched(rule: PathRule, path: Path, names: readonly string[]): readonly Uint8Array[] | undefined {
  if (names.length !== rule.form.length + (rule.leaves === undefined ? 0 : 1)) return undefined;
  if (!rule.form.every((label, i) => label === "*" || label === names[i])) return undefined;
  if (rule.leaves !== undefined && !rule.leaves.includes(names.at(-1)!)) return undefined;
  return path.filter((_, i) => rule.form[i] === "*");
}

/** Paths that must all speak of one request, or of one subnet. */
function manyOf(paths: readonly Path[], first: string): readonly string[] {
  return [...new Set(paths.filter((path) => path.length > 1 && Buffer.from(path[0]!).toString("latin1") === first).map((path) => hexFromBytes(path[1]!)))];
}

/** Whether these paths may be read by this sender here: undefined, or the answer that says why not. */
export function readStateAccess(target: ReadStateTarget, request: AuthenticReadState): Answer | undefined {
  for (const path of request.paths) {
    const names = path.map((label) => Buffer.from(label).toString("latin1"));
    const rule = RULES.find((candidate) => (candidate.when?.(target) ?? true) && matched(candidate, path, names) !== undefined);
    if (rule === undefined) return invalidPath;
    const refused = rule.check?.({ target, request, wild: matched(rule, path, names)! });
    if (refused !== undefined) return refused;
  }
  const ids = manyOf(request.paths, "request_status");
  if (ids.length > 1) return textAnswer(400, `More than one non-unique request ID exists in request_status paths: ${ids[0]! as MessageId} and ${ids[1]! as MessageId}.`);
  if (manyOf(request.paths, "canister_ranges").length > 1) return textAnswer(400, "More than one subnet ID exists in canister_ranges paths.");
  return undefined;
}
