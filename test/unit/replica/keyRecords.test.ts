import { describe, expect, test } from "vitest";
import { encodeCbor } from "../../../src/replica/codec/cbor.ts";
import { createGenesis, getGenesis, ofNode, putGenesis, putShare } from "../../../src/replica/genesis.ts";
import { decodeNodeRecord, encodeNodeRecord } from "../../../src/replica/registry/records.ts";
import { createSeededRng } from "../../../src/replica/runtime/seededRng.ts";
import { openMemoryStore } from "../../../src/replica/stateManager/memoryStore.ts";
import { decodePlain, encodePlain } from "../../../src/replica/stateManager/plainCodec.ts";
import { time } from "../../../src/replica/types/index.ts";
import { linearBls } from "../../sim/linearBls.ts";

const network = createGenesis(linearBls, createSeededRng(Buffer.from("records")), [{ type: "system", nodes: 4 }], time(1n)), subnet = network.subnets[0]!;
const sharesIn = (store: ReturnType<typeof openMemoryStore>) => getGenesis(store)!.subnet.keyStores.map(({ shares }) => Object.keys(shares).sort());

describe("a node's store", () => {
  test("gives back what the node learned, beside what it began with, and nobody else's", () => {
    const store = openMemoryStore(), own = ofNode(subnet, 2);
    putGenesis(store, own, network);
    expect(getGenesis(store)!.subnet).toEqual(own);
    putShare(store, "highThreshold-500-aa", "11".repeat(32));
    const [keys] = getGenesis(store)!.subnet.keyStores;
    expect(keys).toEqual({ ...own.keyStores[0]!, shares: { ...own.keyStores[0]!.shares, "highThreshold-500-aa": "11".repeat(32) } });
  });

  test("what is forgotten does not come back, also of a network that had its first shares in the genesis itself", () => {
    for (const older of [false, true]) {
      const store = openMemoryStore(), own = ofNode(subnet, 0), ids = Object.keys(own.keyStores[0]!.shares).sort();
      putGenesis(store, own, network);
      if (older) {
        for (const id of ids) store.putRecord(`share/${id}`, undefined);
        store.putRecord("genesis", encodePlain({ subnet: own, time: network.time }));
      }
      expect(sharesIn(store)).toEqual([ids]);
      putShare(store, ids[0]!, undefined);
      expect(sharesIn(store)).toEqual([[ids[1]]]);
      expect(JSON.stringify(decodePlain(store.getRecord("genesis")!), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))).not.toContain(own.keyStores[0]!.shares[ids[0]!]);
    }
  });
});

test("a node record tells the key that shares are sealed with; one of an older network has none, one with half a key is none", () => {
  const [{ nodeId: _, ...keys }] = subnet.members as [(typeof subnet.members)[number]];
  expect(keys.encryptionKey).toHaveLength(32);
  expect(decodeNodeRecord(encodeNodeRecord(keys))).toEqual(keys);
  const { encryptionKey: __, ...older } = keys;
  expect(decodeNodeRecord(encodeNodeRecord(older))).toEqual(older);
  expect(decodeNodeRecord(encodeNodeRecord({ ...keys, encryptionKey: new Uint8Array(31) }))).toBeUndefined();
  expect(decodeNodeRecord(encodeCbor({ public_key: keys.publicKey, multi_sig_public_key: keys.multiSigPublicKey, proof_of_possession: keys.proofOfPossession, encryption_key: "text" }))).toBeUndefined();
});
