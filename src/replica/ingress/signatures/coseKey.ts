import { type KeyObject, createPublicKey } from "node:crypto";
import { type CborValue, decodeCbor } from "../../codec/cbor.ts";

/** The signature schemes that a WebAuthn key may use (interface spec, "WebAuthn"; Ed25519 since 0.62). */
export type SimpleScheme = "ecdsaP256" | "rsaSha256" | "ed25519";

/** RFC 9053 and RFC 8230: labels and values of COSE keys. */
const LABEL = { kty: 1, alg: 3, curve: -1, x: -2, y: -3, modulus: -1, exponent: -2 } as const;
const KTY = { okp: 1, ec2: 2, rsa: 3 } as const;
const ALG = { es256: -7, eddsa: -8, rs256: -257 } as const;
const CURVE = { p256: 1, ed25519: 6 } as const;
/** dfinity/ic, basic_sig/rsa_pkcs1: MINIMUM and MAXIMUM_RSA_KEY_SIZE in bits. */
const RSA_BITS = { min: 2048, max: 8192 } as const;

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const bytesAt = (map: ReadonlyMap<CborValue, CborValue>, label: number, length?: number): Uint8Array | undefined => {
  const value = map.get(label);
  return value instanceof Uint8Array && (length === undefined || value.length === length) ? value : undefined;
};

function rsaKey(map: ReadonlyMap<CborValue, CborValue>): KeyObject | undefined {
  const modulus = bytesAt(map, LABEL.modulus), exponent = bytesAt(map, LABEL.exponent);
  if (modulus === undefined || exponent === undefined || modulus[0] === 0 || exponent.length === 0 || exponent.length > 4) return undefined;
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS.min || bits > RSA_BITS.max) return undefined;
  return createPublicKey({ key: { kty: "RSA", n: base64url(modulus), e: base64url(exponent) }, format: "jwk" });
}

/** The key of a COSE_Key map, or undefined when it is none that WebAuthn signatures may use here. May throw for points off the curve. */
export function publicKeyOfCose(bytes: Uint8Array): { readonly scheme: "webauthn"; readonly inner: SimpleScheme; readonly key: KeyObject } | undefined {
  const decoded = decodeCbor(bytes, { keys: "any", depthMax: 4, itemsMax: 64 });
  if (!decoded.ok || !((decoded.value as unknown) instanceof Map)) return undefined;
  const map = decoded.value as unknown as ReadonlyMap<CborValue, CborValue>;
  const kty = map.get(LABEL.kty), alg = map.get(LABEL.alg), curve = map.get(LABEL.curve);
  if (kty === KTY.ec2 && alg === ALG.es256 && curve === CURVE.p256) {
    const x = bytesAt(map, LABEL.x, 32), y = bytesAt(map, LABEL.y, 32);
    return x && y && { scheme: "webauthn", inner: "ecdsaP256", key: createPublicKey({ key: { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y) }, format: "jwk" }) };
  }
  if (kty === KTY.okp && alg === ALG.eddsa && curve === CURVE.ed25519) {
    const x = bytesAt(map, LABEL.x, 32);
    return x && { scheme: "webauthn", inner: "ed25519", key: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: base64url(x) }, format: "jwk" }) };
  }
  if (kty === KTY.rsa && alg === ALG.rs256) {
    const key = rsaKey(map);
    return key && { scheme: "webauthn", inner: "rsaSha256", key };
  }
  return undefined;
}
