import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { Cbor } from "@dfinity/agent";
import { startNetwork } from "../../src/index.ts";
import { anonymous, certificateOf, envelope, replyOf } from "./envelopes.ts";

const provisional = IDL.Record({ amount: IDL.Opt(IDL.Nat), settings: IDL.Opt(IDL.Record({})), specified_id: IDL.Opt(IDL.Principal) });
const install = IDL.Record({ mode: IDL.Variant({ install: IDL.Null }), canister_id: IDL.Principal, wasm_module: IDL.Vec(IDL.Nat8), arg: IDL.Vec(IDL.Nat8) });
const created = IDL.Record({ canister_id: IDL.Principal });
const nat = (value: bigint): Uint8Array => new Uint8Array(IDL.encode([IDL.Nat], [value]));
const natOf = (bytes: Uint8Array): bigint => IDL.decode([IDL.Nat], bytes)[0] as unknown as bigint;

/** The fixture through the embedding API itself: plain requests, certificates decoded and read, not verified. */
export async function decodedFixture(module: Uint8Array): Promise<boolean> {
  await using network = await startNetwork();
  const post = async (path: string, body: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await (await network.fetch(new Request(new URL(path, network.url), { method: "POST", headers: { "content-type": "application/cbor" }, body: body as BodyInit }))).arrayBuffer());
  const call = async (effective: string, canister: Uint8Array, method: string, arg: Uint8Array): Promise<Uint8Array> => {
    const { requestId, body } = envelope(anonymous, "call", canister, method, arg);
    return replyOf(certificateOf(await post(`/api/v4/canister/${effective}/call`, body))!, requestId)!;
  };
  const create = async (): Promise<Principal> => {
    const reply = await call(network.defaultEffectiveCanisterId, new Uint8Array(), "provisional_create_canister_with_cycles", new Uint8Array(IDL.encode([provisional], [{ amount: [], settings: [], specified_id: [] }])));
    const { canister_id } = IDL.decode([created], reply)[0] as unknown as { canister_id: Principal };
    await call(canister_id.toText(), new Uint8Array(), "install_code", new Uint8Array(IDL.encode([install], [{ mode: { install: null }, canister_id, wasm_module: module, arg: new Uint8Array(IDL.encode([], [])) }])));
    return canister_id;
  };
  const increment = async (id: Principal, by: bigint): Promise<bigint> => natOf(await call(id.toText(), id.toUint8Array(), "increment", nat(by)));
  const get = async (id: Principal): Promise<bigint> => {
    const { body } = envelope(anonymous, "query", id.toUint8Array(), "get", new Uint8Array(IDL.encode([], [])));
    const answer = Cbor.decode(await post(`/api/v3/canister/${id.toText()}/query`, body)) as { reply: { arg: Uint8Array } };
    return natOf(answer.reply.arg);
  };
  const [one, two] = [await create(), await create()];
  return [await increment(one, 2n), await increment(two, 3n), await get(one), await get(two), await get(one)].join() === "2,3,2,3,2";
}
