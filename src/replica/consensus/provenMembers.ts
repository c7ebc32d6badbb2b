import type { NodePublicKeys, Verifier } from "../interfaces/crypto.ts";
import { checkProofOfPossession } from "../crypto/keyStore.ts";

/** Versions looked at again and again: the last ones. */
const KEPT = 8;

/**
 * The subnet's nodes at a registry version, without those that do not prove that they hold the secret of their multi-signature key (protocol
 * digest §1.2): a made-up key could cancel the others in a sum. All nodes leave out the same ones. Those that the subnet began with made their
 * keys together, and need no second look.
 */
export function provenMembers(verifier: Verifier, first: readonly NodePublicKeys[], membersAt: (version: number) => readonly NodePublicKeys[] | undefined): typeof membersAt {
  const known = new Map<number, readonly NodePublicKeys[]>();
  const isFirst = (keys: NodePublicKeys): boolean => first.some((one) => one.nodeId === keys.nodeId && Buffer.compare(one.multiSigPublicKey, keys.multiSigPublicKey) === 0);
  return (version) => {
    const before = known.get(version), members = before === undefined ? membersAt(version) : undefined;
    if (before !== undefined || members === undefined) return before;
    const proven = members.filter((keys) => isFirst(keys) || checkProofOfPossession(verifier, keys));
    if (known.size >= KEPT) known.clear();
    known.set(version, proven);
    return proven;
  };
}
