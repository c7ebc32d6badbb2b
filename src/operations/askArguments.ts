import { parseCandidText } from "../client/candidText.ts";
import { fieldName, isBlob, quotedName, resolveType, signatureText, typeText, type CandidType, type FieldType, type FunctionType, type PrimitiveName, type TypeEnvironment } from "../client/candidType.ts";
import { valueOf } from "../client/candidValue.ts";
import { escapeText } from "../client/escapeText.ts";
import type { Io } from "../context/io.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { openForm, type QuestionForm } from "../ui/questionForm.ts";

const DEPTH_MAX = 50; // a type that needs more can only be written, if it has a value at all

/** Asks a person for the arguments of a method, walking over their types; gives candid text. @throws IcxError ICX5010 when the person ends the form */
export async function askArguments(io: Pick<Io, "stdin" | "stderr">, method: string, signature: FunctionType, types: TypeEnvironment): Promise<string> {
  const form = openForm(io), values: string[] = [];
  io.stderr.write(`${method} : ${signatureText(signature)}\n`);
  try {
    for (const [index, type] of signature.args.entries()) values.push(await askValue({ form, types, method, signature }, signature.args.length === 1 ? "argument" : `argument ${index + 1}`, type, 0));
    return `(${values.join(", ")})`;
  } finally { form.close(); }
}

interface Asking { readonly form: QuestionForm; readonly types: TypeEnvironment; readonly method: string; readonly signature: FunctionType }

async function askValue(asking: Asking, name: string, type: CandidType, depth: number): Promise<string> {
  const { form, types } = asking;
  if (depth > DEPTH_MAX) throw new IcxError(ERRORS.arguments.missingArguments, { method: asking.method, signature: signatureText(asking.signature) });
  const kind = resolveType(type, types)!, prompt = `${name} : ${brief(type)}`;
  switch (kind.kind) {
    case "primitive": return await askPrimitive(form, prompt, kind.name, types);
    case "opt": return await form.yesNo(`${prompt}, give a value?`) ? `opt ${await askValue(asking, name, kind.of, depth + 1)}` : "null";
    case "vec": {
      if (isBlob(kind, types)) return await askBlob(form, prompt);
      const items: string[] = [];
      for (; await form.yesNo(`${prompt}, add ${items.length === 0 ? "an element" : "another"}?`);) items.push(await askValue(asking, `${name}[${items.length}]`, kind.of, depth + 1));
      return `vec { ${items.join("; ")} }`;
    }
    case "record": {
      const fields: string[] = [];
      for (const field of kind.fields) fields.push(`${label(field)} = ${await askValue(asking, `${name}.${fieldName(field)}`, field.type, depth + 1)}`);
      return `record { ${fields.join("; ")} }`;
    }
    case "variant": {
      const field = kind.fields[await form.choose(prompt, kind.fields.map((one) => typeText({ kind: "variant", fields: [one] }).slice("variant { ".length, -2)))]!;
      const inner = resolveType(field.type, types);
      return inner?.kind === "primitive" && inner.name === "null" ? `variant { ${label(field)} }` : `variant { ${label(field)} = ${await askValue(asking, `${name}.${fieldName(field)}`, field.type, depth + 1)} }`;
    }
    case "func": return await askChecked(form, `${prompt} (func "principal".method)`, type, types, (answer) => answer);
    case "service": return await askChecked(form, `${prompt} (principal)`, type, types, (answer) => `service "${answer.trim()}"`);
  }
}

async function askPrimitive(form: QuestionForm, prompt: string, name: PrimitiveName, types: TypeEnvironment): Promise<string> {
  switch (name) {
    case "null": case "reserved": case "empty": return "null";
    case "bool": return await form.yesNo(prompt) ? "true" : "false";
    case "text": return `"${escapeText(await form.text(prompt), "display")}"`;
    case "principal": return await askChecked(form, prompt, { kind: "primitive", name }, types, (answer) => `principal "${answer.trim()}"`);
    default: return await askChecked(form, prompt, { kind: "primitive", name }, types, (answer) => answer.trim());
  }
}

/** Bytes as hex after `0x`, else as text. */
async function askBlob(form: QuestionForm, prompt: string): Promise<string> {
  const answer = await form.text(`${prompt} (text, or 0x and hex)`, (given) => (/^0x(?!([\da-f]{2})*$)/i.test(given) ? "after 0x stand pairs of hexadecimal digits" : undefined));
  const bytes = Buffer.from(/^0x/i.test(answer) ? Buffer.from(answer.slice(2), "hex") : Buffer.from(answer));
  return `blob "${[...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}"`;
}

async function askChecked(form: QuestionForm, prompt: string, type: CandidType, types: TypeEnvironment, write: (answer: string) => string): Promise<string> {
  return write(await form.text(prompt, (answer) => {
    try {
      const written = parseCandidText(`(${write(answer)})`);
      if (written.length !== 1) return "one value is expected";
      valueOf(written[0]!, type, types);
      return undefined;
    } catch (error) { return (error as Error).message; }
  }));
}

const label = (field: FieldType): string => (field.name === undefined ? String(field.id) : quotedName(field.name));
function brief(type: CandidType): string {
  const text = typeText(type);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
