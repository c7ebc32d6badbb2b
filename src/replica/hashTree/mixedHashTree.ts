/** Hash trees as protocol buffers: `CertifiedResponse` of the registry canister (dfinity/ic, messaging/xnet/v1/mixed_hash_tree.proto). */
import { PbfReader, PbfWriter } from "pbf";
import { type Result, err, ok } from "../types/index.ts";
import type { HashTree } from "./hashTree.ts";

function writeTree(tree: HashTree, writer: PbfWriter): void {
  switch (tree[0]) {
    case 0: writer.writeMessage(1, () => undefined, undefined); break;
    case 1: writer.writeMessage(2, (fork: readonly [1, HashTree, HashTree], w: PbfWriter) => { w.writeMessage(1, writeTree, fork[1]); w.writeMessage(2, writeTree, fork[2]); }, tree); break;
    case 2: writer.writeMessage(3, (labeled: readonly [2, Uint8Array, HashTree], w: PbfWriter) => { w.writeBytesField(1, labeled[1]); w.writeMessage(2, writeTree, labeled[2]); }, tree); break;
    case 3: writer.writeBytesField(4, tree[1]); break;
    case 4: writer.writeBytesField(5, tree[1]); break;
  }
}

interface Parts { left?: HashTree; right?: HashTree; label?: Uint8Array; subtree?: HashTree }
const DEPTH_MAX = 256;
function readTree(reader: PbfReader, depth: number): HashTree {
  if (depth > DEPTH_MAX) throw new RangeError("a hash tree nests too deep");
  const { tree } = reader.readMessage<{ tree: HashTree | undefined }>((tag, into, r) => {
    if (tag === 1) { r.readMessage(() => undefined, {}); into.tree = [0]; }
    else if (tag === 2) {
      const { left, right } = r.readMessage<Parts>((side, fork, inner) => { if (side === 1) fork.left = readTree(inner, depth + 1); else if (side === 2) fork.right = readTree(inner, depth + 1); }, {});
      into.tree = [1, left ?? [0], right ?? [0]];
    } else if (tag === 3) {
      const { label, subtree } = r.readMessage<Parts>((part, labeled, inner) => { if (part === 1) labeled.label = inner.readBytes(); else if (part === 2) labeled.subtree = readTree(inner, depth + 1); }, {});
      into.tree = [2, label ?? new Uint8Array(), subtree ?? [0]];
    } else if (tag === 4) into.tree = [3, r.readBytes()];
    else if (tag === 5) into.tree = [4, r.readBytes()];
  }, { tree: undefined });
  return tree ?? [0];
}

export interface CertifiedResponse { readonly tree: HashTree; readonly certificate: Uint8Array }

export function encodeCertifiedResponse({ tree, certificate }: CertifiedResponse): Uint8Array {
  const writer = new PbfWriter();
  writer.writeMessage(1, writeTree, tree);
  writer.writeBytesField(2, certificate);
  return Uint8Array.from(writer.finish());
}
export function decodeCertifiedResponse(bytes: Uint8Array): Result<CertifiedResponse, string> {
  try {
    return ok(new PbfReader(bytes).readFields<{ tree: HashTree; certificate: Uint8Array }>((tag, into, reader) => {
      if (tag === 1) into.tree = readTree(reader, 0);
      else if (tag === 2) into.certificate = reader.readBytes();
    }, { tree: [0], certificate: new Uint8Array() }));
  } catch { return err("malformed protocol buffer"); }
}
