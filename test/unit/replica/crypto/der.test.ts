import { expect, test } from "vitest";
import { blsKeyOfDer, derOfBlsKey, derOfEd25519Key, ed25519KeyOfDer, nodeIdOfKey, subnetIdOfKey } from "../../../../src/replica/crypto/der.ts";
import { ed25519Key, verifyEd25519 } from "../../../../src/replica/crypto/ed25519.ts";
import { bytesFromHex, hexFromBytes, principalToText } from "../../../../src/replica/types/index.ts";

/** Root key of the Internet Computer mainnet (interface spec, "Root of trust") and the id of its NNS subnet. */
const ROOT_KEY = "308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100814c0e6ec71fab583b08bd81373c255c3c371b2e84863c98a4f1e08b74235d14fb5d9c0cd546d9685f913a0c0b2cc5341583bf4b4392e467db96d65b9bb4cb717112f8472e0d5a4d14505ffd7484b01291091c5f87b98883463f98091a0baaae";
const NNS = "tdb26-jop6k-aogll-7ltgs-eruif-6kk7m-qpktf-gdiqx-mxtrf-vb5e6-eqe";

test("the mainnet root key: its raw key, its DER, the id of the NNS subnet", () => {
  const key = blsKeyOfDer(bytesFromHex(ROOT_KEY))!;
  expect(hexFromBytes(derOfBlsKey(key))).toBe(ROOT_KEY);
  expect(principalToText(subnetIdOfKey(key))).toBe(NNS);
});

test("DER of another kind or length is refused", () => {
  expect(blsKeyOfDer(bytesFromHex(ROOT_KEY).slice(1))).toBeUndefined();
  expect(blsKeyOfDer(new Uint8Array(133))).toBeUndefined();
  expect(ed25519KeyOfDer(bytesFromHex(ROOT_KEY))).toBeUndefined();
});

test("Ed25519: RFC 8032 §7.1, test 1", () => {
  const key = ed25519Key(bytesFromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const publicKey = bytesFromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  expect(hexFromBytes(key.publicKey)).toBe(hexFromBytes(derOfEd25519Key(publicKey)));
  const signature = key.sign(new Uint8Array(0));
  expect(hexFromBytes(signature)).toBe("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  expect(verifyEd25519(key.publicKey, new Uint8Array(0), signature)).toBe(true);
  expect(verifyEd25519(key.publicKey, Uint8Array.of(1), signature)).toBe(false);
  expect(verifyEd25519(bytesFromHex(ROOT_KEY), new Uint8Array(0), signature)).toBe(false);
  expect(nodeIdOfKey(key.publicKey).endsWith("02")).toBe(true);
});
