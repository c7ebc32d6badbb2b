import { Cbor } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import type { Principal } from "@dfinity/principal";
import { createHash } from "node:crypto";
import type { Network } from "../../src/replica/interfaces/network.ts";
import { type SignedRequest, anonymous, certificateOf, envelope, replyOf } from "./envelopes.ts";

const Hash = IDL.Record({ hash: IDL.Vec(IDL.Nat8) });
const Provisional = IDL.Record({ amount: IDL.Opt(IDL.Nat), settings: IDL.Opt(IDL.Record({})), specified_id: IDL.Opt(IDL.Principal) });
const Created = IDL.Record({ canister_id: IDL.Principal });
const Chunk = IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) });
const Chunked = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Opt(IDL.Record({ skip_pre_upgrade: IDL.Opt(IDL.Bool), wasm_memory_persistence: IDL.Opt(IDL.Variant({ keep: IDL.Null, replace: IDL.Null })) })) }), target_canister: IDL.Principal, store_canister: IDL.Opt(IDL.Principal), chunk_hashes_list: IDL.Vec(Hash), wasm_module_hash: IDL.Vec(IDL.Nat8), arg: IDL.Vec(IDL.Nat8),
});
const encode = (type: IDL.Type, value: unknown): Uint8Array => new Uint8Array(IDL.encode([type], [value]));
/** Requests in flight together. */
const IN_FLIGHT = 64;

/** A module in the chunk store of a canister, so that installing it is a small message. */
export interface StoredModule { readonly store: Principal; readonly hash: Uint8Array }

/** Plain requests to a network in this process; certificates are decoded, not verified. */
export class Door {
  private readonly network: Network;
  constructor(network: Network) { this.network = network; }

  private async post(path: string, body: Uint8Array): Promise<Uint8Array> {
    const answer = await this.network.fetch(new Request(new URL(path, this.network.url), { method: "POST", headers: { "content-type": "application/cbor" }, body: body as BodyInit }));
    return new Uint8Array(await answer.arrayBuffer());
  }
  /** Asks again while the message is on its way. @throws RangeError when it is refused */
  private async send(effective: string, { requestId, body }: SignedRequest): Promise<Uint8Array> {
    for (;;) {
      const answer = await this.post(`/api/v4/canister/${effective}/call`, body);
      if (answer.length === 0) continue;
      const certificate = certificateOf(answer), reply = certificate && replyOf(certificate, requestId);
      if (reply !== undefined) return reply;
      throw new RangeError(`the update is refused: ${Buffer.from(certificate ?? answer).toString("latin1").replace(/[^ -~]+/g, " ")}`);
    }
  }
  update(canister: Principal, method: string, arg: Uint8Array): Promise<Uint8Array> { return this.send(canister.toText(), envelope(anonymous, "call", canister.toUint8Array(), method, arg)); }
  private manage(effective: string, method: string, arg: Uint8Array): Promise<Uint8Array> { return this.send(effective, envelope(anonymous, "call", new Uint8Array(), method, arg)); }
  async query(canister: Principal, method: string, arg: Uint8Array): Promise<Uint8Array> {
    const { body } = envelope(anonymous, "query", canister.toUint8Array(), method, arg);
    return (Cbor.decode(await this.post(`/api/v3/canister/${canister.toText()}/query`, body)) as { reply: { arg: Uint8Array } }).reply.arg;
  }

  async create(): Promise<Principal> {
    const reply = await this.manage(this.network.defaultEffectiveCanisterId, "provisional_create_canister_with_cycles", encode(Provisional, { amount: [], settings: [], specified_id: [] }));
    return (IDL.decode([Created], reply)[0] as unknown as { canister_id: Principal }).canister_id;
  }
  async store(module: Uint8Array): Promise<StoredModule> {
    const store = await this.create();
    await this.manage(store.toText(), "upload_chunk", encode(Chunk, { canister_id: store, chunk: module }));
    return { store, hash: new Uint8Array(createHash("sha256").update(module).digest()) };
  }
  async install(canister: Principal, { store, hash }: StoredModule, arg: Uint8Array, mode: object = { install: null }): Promise<void> {
    await this.manage(canister.toText(), "install_chunked_code", encode(Chunked, { mode, target_canister: canister, store_canister: [store], chunk_hashes_list: [{ hash }], wasm_module_hash: hash, arg }));
  }
}

/** Does `work` for 0, 1, … with many in flight. */
export async function inFlight(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, async () => { for (let i = next++; i < count; i = next++) await work(i); }));
}
