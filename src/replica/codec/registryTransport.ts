/**
 * The messages of the registry canister, protocol buffers as on mainnet (dfinity/ic,
 * rs/registry/transport/proto/ic_registry_transport/pb/v1/transport.proto).
 */
import { PbfReader, PbfWriter } from "pbf";
import { type Result, err, ok } from "../types/index.ts";

/** `RegistryError.Code`. */
export const REGISTRY_ERROR = { malformedMessage: 0, keyNotPresent: 1, keyAlreadyPresent: 2, versionNotLatest: 3, versionBeyondLatest: 4, internalError: 999 } as const;
/** `RegistryMutation.Type`. */
export const MUTATION_TYPE = { insert: 0, update: 1, delete: 2, upsert: 4 } as const;

export interface RegistryError { readonly code: number; readonly reason: string; readonly key: Uint8Array }
export interface RegistryValue { readonly value: Uint8Array; readonly version: number; readonly deleted: boolean }
export interface RegistryDelta { readonly key: Uint8Array; readonly values: readonly RegistryValue[] }
export interface RegistryMutation { readonly type: number; readonly key: Uint8Array; readonly value: Uint8Array }
export interface Precondition { readonly key: Uint8Array; readonly expectedVersion: number }
export interface AtomicMutateRequest { readonly mutations: readonly RegistryMutation[]; readonly preconditions: readonly Precondition[] }
export interface AtomicMutateResponse { readonly errors: readonly RegistryError[]; readonly version: number }
export interface GetValueRequest { readonly version: number | undefined; readonly key: Uint8Array }
export interface GetValueResponse { readonly error: RegistryError | undefined; readonly version: number; readonly value: Uint8Array }
export interface ChangesSinceResponse { readonly error: RegistryError | undefined; readonly version: number; readonly deltas: readonly RegistryDelta[] }

const EMPTY = new Uint8Array();
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads one message; any broken wire data is one error, whatever the reader stumbled over. */
function decode<T extends object>(bytes: Uint8Array, initial: Mutable<T>, field: (tag: number, into: Mutable<T>, reader: PbfReader) => void): Result<T, string> {
  try { return ok(new PbfReader(bytes).readFields(field, initial) as T); } catch { return err("malformed protocol buffer"); }
}
function encode(write: (writer: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return Uint8Array.from(writer.finish());
}

const readError = (reader: PbfReader): RegistryError => reader.readMessage<Mutable<RegistryError>>((tag, into, r) => {
  if (tag === 1) into.code = r.readVarint();
  else if (tag === 2) into.reason = r.readString();
  else if (tag === 3) into.key = r.readBytes();
}, { code: 0, reason: "", key: EMPTY });
const writeError = (error: RegistryError, writer: PbfWriter): void => {
  if (error.code !== 0) writer.writeVarintField(1, error.code);
  if (error.reason !== "") writer.writeStringField(2, error.reason);
  if (error.key.length > 0) writer.writeBytesField(3, error.key);
};
const readValue = (reader: PbfReader): RegistryValue => reader.readMessage<Mutable<RegistryValue>>((tag, into, r) => {
  if (tag === 1) into.value = r.readBytes();
  else if (tag === 2) into.version = r.readVarint();
  else if (tag === 3) into.deleted = r.readBoolean();
}, { value: EMPTY, version: 0, deleted: false });
const writeValue = (value: RegistryValue, writer: PbfWriter): void => {
  if (value.value.length > 0) writer.writeBytesField(1, value.value);
  if (value.version !== 0) writer.writeVarintField(2, value.version);
  if (value.deleted) writer.writeBooleanField(3, true);
};

export const decodeAtomicMutateRequest = (bytes: Uint8Array): Result<AtomicMutateRequest, string> =>
  decode<{ mutations: RegistryMutation[]; preconditions: Precondition[] }>(bytes, { mutations: [], preconditions: [] }, (tag, into, reader) => {
    if (tag === 1) into.mutations.push(reader.readMessage<Mutable<RegistryMutation>>((inner, mutation, r) => {
      if (inner === 1) mutation.type = r.readVarint();
      else if (inner === 2) mutation.key = r.readBytes();
      else if (inner === 3) mutation.value = r.readBytes();
    }, { type: 0, key: EMPTY, value: EMPTY }));
    else if (tag === 5) into.preconditions.push(reader.readMessage<Mutable<Precondition>>((inner, condition, r) => {
      if (inner === 1) condition.key = r.readBytes();
      else if (inner === 2) condition.expectedVersion = r.readVarint();
    }, { key: EMPTY, expectedVersion: 0 }));
  });
export const encodeAtomicMutateRequest = (request: AtomicMutateRequest): Uint8Array => encode((writer) => {
  for (const mutation of request.mutations) writer.writeMessage(1, (value: RegistryMutation, w: PbfWriter) => {
    if (value.type !== 0) w.writeVarintField(1, value.type);
    w.writeBytesField(2, value.key);
    if (value.value.length > 0) w.writeBytesField(3, value.value);
  }, mutation);
  for (const condition of request.preconditions) writer.writeMessage(5, (value: Precondition, w: PbfWriter) => {
    w.writeBytesField(1, value.key);
    w.writeVarintField(2, value.expectedVersion);
  }, condition);
});

export const encodeAtomicMutateResponse = (response: AtomicMutateResponse): Uint8Array => encode((writer) => {
  for (const error of response.errors) writer.writeMessage(1, writeError, error);
  if (response.version !== 0) writer.writeVarintField(2, response.version);
});
export const decodeAtomicMutateResponse = (bytes: Uint8Array): Result<AtomicMutateResponse, string> =>
  decode<{ errors: RegistryError[]; version: number }>(bytes, { errors: [], version: 0 }, (tag, into, reader) => {
    if (tag === 1) into.errors.push(readError(reader));
    else if (tag === 2) into.version = reader.readVarint();
  });

export const decodeGetValueRequest = (bytes: Uint8Array): Result<GetValueRequest, string> =>
  decode<GetValueRequest>(bytes, { version: undefined, key: EMPTY }, (tag, into, reader) => {
    // google.protobuf.UInt64Value
    if (tag === 1) into.version = reader.readMessage<{ value: number }>((inner, wrapper, r) => { if (inner === 1) wrapper.value = r.readVarint(); }, { value: 0 }).value;
    else if (tag === 2) into.key = reader.readBytes();
  });
export const encodeGetValueRequest = (request: GetValueRequest): Uint8Array => encode((writer) => {
  if (request.version !== undefined) writer.writeMessage(1, (value: number, w: PbfWriter) => w.writeVarintField(1, value), request.version);
  writer.writeBytesField(2, request.key);
});
export const encodeGetValueResponse = (response: GetValueResponse): Uint8Array => encode((writer) => {
  if (response.error !== undefined) writer.writeMessage(1, writeError, response.error);
  if (response.version !== 0) writer.writeVarintField(2, response.version);
  if (response.value.length > 0) writer.writeBytesField(3, response.value);
});
export const decodeGetValueResponse = (bytes: Uint8Array): Result<GetValueResponse, string> =>
  decode<GetValueResponse>(bytes, { error: undefined, version: 0, value: EMPTY }, (tag, into, reader) => {
    if (tag === 1) into.error = readError(reader);
    else if (tag === 2) into.version = reader.readVarint();
    else if (tag === 3) into.value = reader.readBytes();
  });

export const decodeChangesSinceRequest = (bytes: Uint8Array): Result<{ readonly version: number }, string> =>
  decode<{ version: number }>(bytes, { version: 0 }, (tag, into, reader) => { if (tag === 1) into.version = reader.readVarint(); });
export const encodeChangesSinceRequest = (version: number): Uint8Array => encode((writer) => { if (version !== 0) writer.writeVarintField(1, version); });
export const encodeChangesSinceResponse = (response: ChangesSinceResponse): Uint8Array => encode((writer) => {
  if (response.error !== undefined) writer.writeMessage(1, writeError, response.error);
  if (response.version !== 0) writer.writeVarintField(2, response.version);
  for (const delta of response.deltas) writer.writeMessage(3, (value: RegistryDelta, w: PbfWriter) => {
    w.writeBytesField(1, value.key);
    for (const change of value.values) w.writeMessage(2, writeValue, change);
  }, delta);
});
export const decodeChangesSinceResponse = (bytes: Uint8Array): Result<ChangesSinceResponse, string> =>
  decode<{ error: RegistryError | undefined; version: number; deltas: RegistryDelta[] }>(bytes, { error: undefined, version: 0, deltas: [] }, (tag, into, reader) => {
    if (tag === 1) into.error = readError(reader);
    else if (tag === 2) into.version = reader.readVarint();
    else if (tag === 3) into.deltas.push(reader.readMessage<{ key: Uint8Array; values: RegistryValue[] }>((inner, delta, r) => {
      if (inner === 1) delta.key = r.readBytes();
      else if (inner === 2) delta.values.push(readValue(r));
    }, { key: EMPTY, values: [] }));
  });
export const encodeLatestVersionResponse = (version: number): Uint8Array => encode((writer) => { if (version !== 0) writer.writeVarintField(1, version); });
