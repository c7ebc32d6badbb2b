import { Principal } from "@dfinity/principal";
import fc from "fast-check";
import { fieldId, fieldKey, primitive, type CandidType, type FieldType, type PrimitiveName, type TypeEnvironment } from "../../../src/client/candidType.ts";

/** A type and a value of it, in the form that `@dfinity/candid` has. */
export interface TypedValue { readonly type: CandidType; readonly value: unknown }
/** What the generated types name. */
export const NAMED_TYPES: TypeEnvironment = new Map<string, CandidType>([
  ["List", { kind: "opt", of: { kind: "record", fields: [{ id: 0, type: primitive("int") }, { id: 1, type: { kind: "named", name: "List" } }] } }],
  ["Id", primitive("principal")],
]);

const whole = (min: bigint, max: bigint): fc.Arbitrary<bigint> => fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n), fc.bigInt({ min: min < 0n ? -2000n : 0n, max: 120n }));
const principals = fc.uint8Array({ minLength: 0, maxLength: 29 }).map((bytes) => Principal.fromUint8Array(bytes));
const texts = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: "grapheme", maxLength: 30 }), fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("", "it's", "a\nb\t\"\\", "漢字 😀 e\u0301", "\u0301x\u200b"));
const PRIMITIVE_VALUES: Readonly<Record<Exclude<PrimitiveName, "empty">, fc.Arbitrary<unknown>>> = {
  nat: whole(0n, 1n << 130n), int: whole(-(1n << 130n), 1n << 130n),
  nat8: fc.integer({ min: 0, max: 255 }), nat16: fc.integer({ min: 0, max: 65_535 }), nat32: fc.integer({ min: 0, max: 2 ** 32 - 1 }), nat64: whole(0n, (1n << 64n) - 1n),
  int8: fc.integer({ min: -128, max: 127 }), int16: fc.integer({ min: -32_768, max: 32_767 }), int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), int64: whole(-(1n << 63n), (1n << 63n) - 1n),
  float32: fc.oneof(fc.float(), fc.integer({ min: -100_000, max: 100_000 }), fc.constantFrom(0, -0, 3.4028234663852886e38, 1.401298464324817e-45, 16_777_216)),
  float64: fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 5e-324, 1.7976931348623157e308, 1e21, 0.1)),
  bool: fc.boolean(), text: texts, null: fc.constant(null), reserved: fc.constant(null), principal: principals,
};
const primitives = fc.constantFrom(...(Object.keys(PRIMITIVE_VALUES) as (keyof typeof PRIMITIVE_VALUES)[])).chain((name) => PRIMITIVE_VALUES[name].map((value): TypedValue => ({ type: primitive(name), value })));

const plainNames = fc.oneof(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,11}$/), fc.constantFrom("a", "b", "Ok", "Err", "owner", "constructor", "__proto__", "_0_"));
const oddNames = fc.oneof(fc.string({ minLength: 1, maxLength: 6 }), fc.constantFrom("odd name", "type", "record", "true", "é", "it's"));
const labels = (odd: boolean): fc.Arbitrary<Pick<FieldType, "id" | "name">> =>
  fc.oneof({ weight: 6, arbitrary: odd ? fc.oneof(plainNames, oddNames) : plainNames.filter((name) => name !== "") }, { weight: 2, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.nat({ max: 0xffff_ffff }) })
    .map((label) => (typeof label === "number" ? { id: label } : { id: fieldId(label), name: label }));
const shaped = (fields: readonly (readonly [Pick<FieldType, "id" | "name">, TypedValue])[]): { readonly types: FieldType[]; readonly values: readonly unknown[] } => {
  const sorted = [...fields].sort(([a], [b]) => a.id - b.id);
  return { types: sorted.map(([label, { type }]) => ({ ...label, type })), values: sorted.map(([, { value }]) => value) };
};

/** Typed values over all of candid. `odd`: names that need quotes and texts with NUL too, which `icp` writes so that it cannot read them back. */
export function typedValues(odd: boolean): fc.Arbitrary<TypedValue> {
  const list = (items: readonly bigint[]): unknown => items.reduceRight<unknown>((rest, head) => [{ _0_: head, _1_: rest }], []);
  const leaves = fc.oneof(
    { weight: 12, arbitrary: primitives },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }).map((value): TypedValue => ({ type: { kind: "vec", of: primitive("nat8") }, value })) },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text): TypedValue => ({ type: { kind: "vec", of: primitive("nat8") }, value: Uint8Array.from(Buffer.from(text)) })) },
    { weight: 1, arbitrary: fc.tuple(principals, odd ? fc.oneof(plainNames, oddNames) : plainNames).map((value): TypedValue => ({ type: { kind: "func", args: [primitive("nat")], results: [], modes: ["query"] }, value })) },
    { weight: 1, arbitrary: principals.map((value): TypedValue => ({ type: { kind: "service", methods: [["get", { kind: "func", args: [], results: [primitive("text")], modes: [] }]] }, value })) },
    { weight: 1, arbitrary: fc.array(fc.bigInt({ min: -5_000n, max: 5_000n }), { maxLength: 6 }).map((items): TypedValue => ({ type: { kind: "named", name: "List" }, value: list(items) })) },
    { weight: 1, arbitrary: principals.map((value): TypedValue => ({ type: { kind: "named", name: "Id" }, value })) },
    { weight: 1, arbitrary: fc.constantFrom<TypedValue>({ type: { kind: "vec", of: primitive("empty") }, value: [] }, { type: { kind: "opt", of: primitive("empty") }, value: [] }) },
  );
  const { value } = fc.letrec<{ readonly value: TypedValue }>((tie) => ({
    value: fc.oneof({ maxDepth: 5, depthSize: "small" },
      { weight: 4, arbitrary: leaves },
      { weight: 1, arbitrary: fc.tuple(tie("value"), fc.boolean()).map(([of, some]): TypedValue => ({ type: { kind: "opt", of: of.type }, value: some ? [of.value] : [] })) },
      { weight: 1, arbitrary: fc.tuple(tie("value"), fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.nat({ max: 14 }) }))
        .map(([of, length]): TypedValue => ({ type: { kind: "vec", of: of.type }, value: bytesIf(of.type, Array<unknown>(length).fill(of.value)) })) },
      { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(PRIMITIVE_VALUES) as (keyof typeof PRIMITIVE_VALUES)[])).chain((name) => fc.array(PRIMITIVE_VALUES[name], { maxLength: 14 })
        .map((values): TypedValue => ({ type: { kind: "vec", of: primitive(name) }, value: bytesIf(primitive(name), values) }))) },
      { weight: 2, arbitrary: fc.uniqueArray(fc.tuple(labels(odd), tie("value")), { maxLength: 6, selector: ([label]) => label.id }).map((fields): TypedValue => {
        const { types, values } = shaped(fields);
        return { type: { kind: "record", fields: types }, value: Object.fromEntries(types.map((field, index) => [fieldKey(field), values[index]])) };
      }) },
      { weight: 1, arbitrary: fc.array(tie("value"), { minLength: 1, maxLength: 4 }).map((parts): TypedValue => ({
        type: { kind: "record", fields: parts.map(({ type }, id) => ({ id, type })) }, value: Object.fromEntries(parts.map(({ value }, id) => [`_${id}_`, value])),
      })) },
      { weight: 2, arbitrary: fc.tuple(fc.uniqueArray(fc.tuple(labels(odd), tie("value")), { minLength: 1, maxLength: 4, selector: ([label]) => label.id }), fc.nat()).map(([fields, pick]): TypedValue => {
        const { types, values } = shaped(fields), index = pick % types.length;
        return { type: { kind: "variant", fields: types }, value: { [fieldKey(types[index]!)]: values[index] } };
      }) }),
  }));
  return odd ? value : value.filter(({ value: of }) => !holdsNul(of));
}

/** `vec nat8` is bytes. */
const bytesIf = (type: CandidType, values: readonly unknown[]): unknown => (type.kind === "primitive" && type.name === "nat8" ? Uint8Array.from(values as readonly number[]) : values);
const holdsNul = (value: unknown): boolean => (typeof value === "string" ? value.includes("\0") : value !== null && typeof value === "object" && !ArrayBuffer.isView(value) && !(value instanceof Principal) && Object.values(value).some(holdsNul));
