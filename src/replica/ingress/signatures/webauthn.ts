import { type KeyObject, hash, verify } from "node:crypto";
import { type Result, err, ok } from "../../types/index.ts";
import { cborBytes, cborMap, cborText, decodeCbor } from "../../codec/cbor.ts";
import type { SimpleScheme } from "./coseKey.ts";

interface WebAuthnSignature { readonly authenticatorData: Uint8Array; readonly clientDataJson: Uint8Array; readonly signature: Uint8Array }

/** Interface spec, "WebAuthn": a self-described CBOR map. `client_data_json` is text; clients that send its bytes are taken too, as the replica does. */
function decodeSignature(bytes: Uint8Array): WebAuthnSignature | undefined {
  const decoded = decodeCbor(bytes, { depthMax: 4, itemsMax: 64 });
  const map = decoded.ok ? cborMap(decoded.value) : undefined;
  if (map === undefined) return undefined;
  const json = cborText(map["client_data_json"]);
  const authenticatorData = cborBytes(map["authenticator_data"]), signature = cborBytes(map["signature"]);
  const clientDataJson = json === undefined ? cborBytes(map["client_data_json"]) : Buffer.from(json);
  return authenticatorData && clientDataJson && signature && { authenticatorData, clientDataJson, signature };
}

/** The challenge of the client data, decoded; undefined when the JSON is not client data. */
function challengeOf(clientDataJson: Uint8Array): Uint8Array | undefined {
  try {
    const data: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(clientDataJson));
    const challenge = typeof data === "object" && data !== null && "challenge" in data ? data.challenge : undefined;
    return typeof challenge === "string" && /^[A-Za-z0-9_-]*$/.test(challenge) ? Buffer.from(challenge, "base64url") : undefined;
  } catch {
    return undefined;
  }
}

function verifyInner(scheme: SimpleScheme, key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  // WebAuthn level 2, §6.5.5: ECDSA signatures are DER, the others are bare.
  if (scheme === "ecdsaP256") return verify("sha256", message, { key, dsaEncoding: "der" }, signature);
  if (scheme === "rsaSha256") return verify("sha256", message, key, signature);
  return signature.length === 64 && verify(null, message, key, signature);
}

/** Interface spec, "WebAuthn": the signature covers the authenticator data and the hash of the client data, whose challenge is the payload. */
export function verifyWebAuthn(scheme: SimpleScheme, key: KeyObject, payload: Uint8Array, bytes: Uint8Array): Result<void, string> {
  const signature = decodeSignature(bytes);
  if (signature === undefined) return err("WebAuthn error: Signature CBOR parsing failed");
  const challenge = challengeOf(signature.clientDataJson);
  if (challenge === undefined) return err("WebAuthn error: WebAuthn envelope creation failed: the client data has no challenge");
  const signed = Buffer.concat([signature.authenticatorData, hash("sha256", signature.clientDataJson, "buffer")]);
  if (!verifyInner(scheme, key, signed, signature.signature)) return err("WebAuthn error: Verifying signature failed.");
  return Buffer.compare(challenge, payload) === 0 ? ok(undefined) : err("WebAuthn error: Challenge in webauthn does not match the signed bytes");
}
