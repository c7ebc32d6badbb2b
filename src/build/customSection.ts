/** A custom section of a wasm module (WebAssembly core spec, 5.5.3). */
export interface CustomSection { readonly name: string; readonly content: Uint8Array }

/** The module with one more custom section at its end. */
export function withCustomSection(module: Uint8Array, name: string, content: Uint8Array): Uint8Array {
  const label = Buffer.from(name), body = Buffer.concat([leb128(label.length), label, content]);
  return Uint8Array.from(Buffer.concat([module, Buffer.from([0]), leb128(body.length), body]));
}

/** The module without the custom sections that are not kept; a module with a malformed section is given back as it is. */
export function keepCustomSections(module: Uint8Array, keep: (name: string) => boolean): Uint8Array {
  const kept: Uint8Array[] = [module.subarray(0, 8)];
  for (let at = 8; at < module.length;) {
    const size = readLeb128(module, at + 1), end = size === undefined ? Infinity : size.next + size.value;
    if (size === undefined || end > module.length) return module;
    const label = module[at] === 0 ? readLeb128(module, size.next) : undefined;
    if (module[at] === 0 && (label === undefined || label.next + label.value > end)) return module;
    if (label === undefined || keep(Buffer.from(module.subarray(label.next, label.next + label.value)).toString("utf8"))) kept.push(module.subarray(at, end));
    at = end;
  }
  return Uint8Array.from(Buffer.concat(kept));
}

/** The custom sections of a module, in order; what follows a malformed section is left out. */
export function customSections(module: Uint8Array): readonly CustomSection[] {
  const found: CustomSection[] = [];
  for (let at = 8; at < module.length;) {
    const id = module[at], size = readLeb128(module, at + 1);
    if (size === undefined || size.next + size.value > module.length) break;
    if (id === 0) {
      const label = readLeb128(module, size.next);
      if (label !== undefined && label.next + label.value <= size.next + size.value) {
        const end = label.next + label.value;
        found.push({ name: Buffer.from(module.subarray(label.next, end)).toString("utf8"), content: module.subarray(end, size.next + size.value) });
      }
    }
    at = size.next + size.value;
  }
  return found;
}

const leb128 = (value: number): Buffer => Buffer.from(value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)]);

function readLeb128(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) return { value, next: at + index + 1 };
  }
  return undefined;
}
