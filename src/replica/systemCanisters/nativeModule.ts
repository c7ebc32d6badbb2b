import type { NativeProgram } from "../interfaces/nativeProgram.ts";
import { encodeUleb128 } from "../codec/leb128.ts";

/** Custom section of a module that stands for a native program; its content is the program's name (design D11). */
const NATIVE_SECTION = "icp:public icx:native-program";
const sized = (bytes: Uint8Array): Uint8Array => Buffer.concat([encodeUleb128(bytes.length), bytes]);
const text = (value: string): Uint8Array => sized(Buffer.from(value));
const section = (id: number, content: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(id), sized(content)]);

/** The small wasm module that is installed for a program: it exports the program's entry points and names it in a public section. */
export function nativeModule(program: NativeProgram, metadata: readonly { readonly name: string; readonly content: Uint8Array }[] = []): Uint8Array {
  const names = Object.keys(program.entries).sort();
  const entries = names.map((name) => Buffer.concat([text(name), Uint8Array.of(0, 0)]));
  const custom = [{ name: NATIVE_SECTION, content: Buffer.from(program.name) }, ...metadata.map(({ name, content }) => ({ name: `icp:public ${name}`, content }))];
  return new Uint8Array(Buffer.concat([
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    section(1, Uint8Array.of(1, 0x60, 0, 0)),              // one type: () -> ()
    section(3, Uint8Array.of(1, 0)),                       // one function of it
    section(7, Buffer.concat([encodeUleb128(names.length), ...entries])),
    section(10, Uint8Array.of(1, 3, 0, 0, 0x0b)),          // its body: unreachable, never entered
    ...custom.map(({ name, content }) => section(0, Buffer.concat([text(name), content]))),
  ]));
}
