import { Cbor } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";

/** The controllers in the value at `/canister/<id>/controllers` of the state tree (interface spec, "Canister information"). */
export const controllersOf = (value: Uint8Array): readonly string[] => Cbor.decode<readonly Uint8Array[]>(value).map((bytes) => Principal.fromUint8Array(Uint8Array.from(bytes)).toText());
