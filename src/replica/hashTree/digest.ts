import { hash } from "node:crypto";

/** A SHA-256 digest as 32 characters of one byte: a quarter of the memory and half the time of a Uint8Array. */
export type Digest = string;

/** Interface spec, "Certificate": each node is hashed behind its own domain separator, length byte first. */
const separated = (name: string): Buffer => Buffer.from(`${String.fromCharCode(name.length)}${name}`, "latin1");
const FORK = separated("ic-hashtree-fork");
const LABELED = separated("ic-hashtree-labeled");
const LEAF = separated("ic-hashtree-leaf");

/** Scratch space: hashing is synchronous, and nothing keeps a view of it. Each part behind the first is overwritten every time. */
const SCRATCH_BYTES = 8192;
const forkScratch = Buffer.concat([FORK, Buffer.alloc(64)]);
const labeledScratch = Buffer.concat([LABELED, Buffer.alloc(SCRATCH_BYTES)]);
const leafScratch = Buffer.concat([LEAF, Buffer.alloc(SCRATCH_BYTES)]);

const sha256 = (bytes: Uint8Array): Digest => hash("sha256", bytes, "latin1");

export const EMPTY_DIGEST: Digest = sha256(separated("ic-hashtree-empty"));

export function forkDigest(left: Digest, right: Digest): Digest {
  forkScratch.write(left, FORK.length, 32, "latin1");
  forkScratch.write(right, FORK.length + 32, 32, "latin1");
  return sha256(forkScratch);
}

/** `label`: one character per byte. */
export function labeledDigest(label: string, child: Digest): Digest {
  if (label.length + 32 > SCRATCH_BYTES) return sha256(Buffer.concat([LABELED, Buffer.from(label + child, "latin1")]));
  labeledScratch.write(label, LABELED.length, label.length, "latin1");
  labeledScratch.write(child, LABELED.length + label.length, 32, "latin1");
  return sha256(labeledScratch.subarray(0, LABELED.length + label.length + 32));
}

export function leafDigest(value: Uint8Array): Digest {
  if (value.length > SCRATCH_BYTES) return sha256(Buffer.concat([LEAF, value]));
  leafScratch.set(value, LEAF.length);
  return sha256(leafScratch.subarray(0, LEAF.length + value.length));
}

export const digestBytes = (digest: Digest): Uint8Array => new Uint8Array(Buffer.from(digest, "latin1"));
export const digestFromBytes = (bytes: Uint8Array): Digest => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
