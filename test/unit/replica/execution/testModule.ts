import { systemCallRows } from "../../../../src/replica/execution/systemApi/systemCallRows.ts";

const rows = new Map(systemCallRows.map((row) => [row.name, row]));

/**
 * The text of a module: `exports` gives a body for each export name (`update go`, `query get`, `init` …, without the `canister_` prefix), every
 * `$name` of the System API is imported. Bodies may use what `prelude` declares.
 */
export function moduleText(exports: Readonly<Record<string, string>>, options: { readonly prelude?: string; readonly memory64?: boolean; readonly data?: Readonly<Record<number, string>>; readonly pages?: number; readonly pagesMax?: number } = {}): string {
  const { prelude = "", memory64 = false, data = {}, pages = 1, pagesMax } = options, width = memory64 ? "i64" : "i32";
  const body = prelude + Object.values(exports).join("\n");
  const used = [...new Set([...body.matchAll(/\$([a-z0-9_]+)/g)].map(([, name]) => name!).filter((name) => rows.has(name)))];
  const typeOf = (type: string): string => (type === "I" || type === "E" ? width : type);
  const imports = used.map((name) => {
    const { params, results } = rows.get(name)!;
    return `(import "ic0" "${name}" (func $${name} ${params.map((type) => `(param ${typeOf(type)})`).join(" ")} ${results.map((type) => `(result ${typeOf(type)})`).join(" ")}))`;
  });
  return `(module ${imports.join("\n")}
    (memory ${memory64 ? "i64 " : ""}${pages}${pagesMax === undefined ? "" : ` ${pagesMax}`})
    ${Object.entries(data).map(([at, content]) => `(data (${width}.const ${at}) "${escaped(content)}")`).join("\n")}
    ${prelude}
    ${Object.entries(exports).map(([name, code], i) => `(func $export${i} ${code}) (export "canister_${name}" (func $export${i}))`).join("\n")})`;
}

const escaped = (content: string): string => [...new TextEncoder().encode(content)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
/** Replies with bytes of memory. */
export const replyWith = (at: number, size: number): string => `(call $msg_reply_data_append (i32.const ${at}) (i32.const ${size})) (call $msg_reply)`;
/** A call with one-way plumbing: callee id in memory at `at`, method name after it; closures by table index. */
export const callTo = (calleeAt: number, calleeSize: number, nameAt: number, nameSize: number, onReply = 0, onReject = 1, env = 0): string =>
  `(call $call_new (i32.const ${calleeAt}) (i32.const ${calleeSize}) (i32.const ${nameAt}) (i32.const ${nameSize}) (i32.const ${onReply}) (i32.const ${env}) (i32.const ${onReject}) (i32.const ${env}))`;
/** Calls the canister whose 10-byte id is the message's argument. */
export const calleeFromArg = "(call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (i32.const 10))";
