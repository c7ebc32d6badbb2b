import { IDL } from "@dfinity/candid";
import { fieldKey, resolveType, type CandidType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";

const PRIMITIVE_TYPES: Readonly<Record<PrimitiveName, IDL.Type>> = {
  nat: IDL.Nat, nat8: IDL.Nat8, nat16: IDL.Nat16, nat32: IDL.Nat32, nat64: IDL.Nat64, int: IDL.Int, int8: IDL.Int8, int16: IDL.Int16, int32: IDL.Int32, int64: IDL.Int64,
  float32: IDL.Float32, float64: IDL.Float64, bool: IDL.Bool, text: IDL.Text, null: IDL.Null, reserved: IDL.Reserved, empty: IDL.Empty, principal: IDL.Principal,
};

/** Types for `@dfinity/candid`'s encoder; a named structure becomes one recursive type, however often it is used. */
export function idlTypes(kinds: readonly CandidType[], types: TypeEnvironment): IDL.Type[] {
  const named = new Map<CandidType, IDL.RecClass>();
  const convert = (type: CandidType): IDL.Type => {
    const resolved = resolveType(type, types)!;
    if (type.kind !== "named" || resolved.kind === "primitive") return structure(resolved);
    const known = named.get(resolved);
    if (known !== undefined) return known;
    const recursive = IDL.Rec();
    named.set(resolved, recursive);
    recursive.fill(structure(resolved) as Parameters<typeof recursive.fill>[0]);
    return recursive;
  };
  const structure = (type: Exclude<CandidType, { readonly kind: "named" }>): IDL.Type => {
    switch (type.kind) {
      case "primitive": return PRIMITIVE_TYPES[type.name];
      case "opt": return IDL.Opt(convert(type.of));
      case "vec": return IDL.Vec(convert(type.of));
      case "record": return IDL.Record(Object.fromEntries(type.fields.map((field) => [fieldKey(field), convert(field.type)])));
      case "variant": return IDL.Variant(Object.fromEntries(type.fields.map((field) => [fieldKey(field), convert(field.type)])));
      case "func": return IDL.Func(type.args.map(convert) as [IDL.Type, ...IDL.Type[]], type.results.map(convert) as [IDL.Type, ...IDL.Type[]], [...type.modes]);
      case "service": return IDL.Service(Object.fromEntries(type.methods.map(([name, method]) => [name, convert(method) as IDL.FuncClass])));
    }
  };
  return kinds.map(convert);
}
