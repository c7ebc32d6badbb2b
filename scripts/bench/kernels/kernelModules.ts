/** The constants of FIPS 180-4 §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
function roundConstants(): readonly number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map((prime) => {
    const target = BigInt(prime) << 96n;
    let root = 0n;
    for (let bit = 34n; bit >= 0n; bit--) { const next = root | (1n << bit); if (next * next * next <= target) root = next; }
    return Number(root & 0xffffffffn);
  });
}

const little = (words: readonly number[]): string => words.map((word) => [0, 8, 16, 24].map((shift) => `\\${((word >>> shift) & 255).toString(16).padStart(2, "0")}`).join("")).join("");

/** Text of a kernel's module for a pointer width. `P` is the pointer type, `at` turns an i32 into a pointer. */
type Kernel = (P: "i32" | "i64", at: (i32: string) => string) => string;

const rotate = (x: string, n: number): string => `(i32.rotr ${x} (i32.const ${n}))`;
const get = (name: string): string => `(local.get $${name})`;
const W = 4096, K = 2048;

/** SHA-256 of 64-byte blocks; message schedule and state live in memory as a C compiler would place them. */
const sha256: Kernel = (P, at) => `
  (data (${P}.const ${K}) "${little(roundConstants())}")
  (func $block (param $p ${P}) (local $i i32) (local $x i32) (local $y i32) (local $t1 i32) (local $t2 i32) (local $q ${P})
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $e i32) (local $f i32) (local $g i32) (local $h i32)
    (loop $load
      (local.set $x (i32.load (${P}.add ${get("p")} ${at("(i32.shl (local.get $i) (i32.const 2))")})))
      (i32.store offset=${W} ${at("(i32.shl (local.get $i) (i32.const 2))")}
        (i32.or (i32.and (i32.rotl ${get("x")} (i32.const 8)) (i32.const 0x00ff00ff)) (i32.and (i32.rotr ${get("x")} (i32.const 8)) (i32.const 0xff00ff00))))
      (br_if $load (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const 1))) (i32.const 16))))
    (loop $extend
      (local.set $q ${at("(i32.shl (local.get $i) (i32.const 2))")})
      (local.set $x (i32.load offset=${W - 60} ${get("q")}))
      (local.set $y (i32.load offset=${W - 8} ${get("q")}))
      (i32.store offset=${W} ${get("q")} (i32.add (i32.add (i32.load offset=${W - 64} ${get("q")}) (i32.load offset=${W - 28} ${get("q")}))
        (i32.add (i32.xor (i32.xor ${rotate(get("x"), 7)} ${rotate(get("x"), 18)}) (i32.shr_u ${get("x")} (i32.const 3)))
          (i32.xor (i32.xor ${rotate(get("y"), 17)} ${rotate(get("y"), 19)}) (i32.shr_u ${get("y")} (i32.const 10))))))
      (br_if $extend (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const 1))) (i32.const 64))))
    ${[..."abcdefgh"].map((name, i) => `(local.set $${name} (i32.load offset=${1024 + 4 * i} (${P}.const 0)))`).join("\n    ")}
    (local.set $i (i32.const 0))
    (loop $round
      (local.set $q ${at("(i32.shl (local.get $i) (i32.const 2))")})
      (local.set $t1 (i32.add (i32.add (i32.add ${get("h")} (i32.xor (i32.xor ${rotate(get("e"), 6)} ${rotate(get("e"), 11)}) ${rotate(get("e"), 25)}))
        (i32.xor (i32.and ${get("e")} ${get("f")}) (i32.and (i32.xor ${get("e")} (i32.const -1)) ${get("g")})))
        (i32.add (i32.load offset=${K} ${get("q")}) (i32.load offset=${W} ${get("q")}))))
      (local.set $t2 (i32.add (i32.xor (i32.xor ${rotate(get("a"), 2)} ${rotate(get("a"), 13)}) ${rotate(get("a"), 22)})
        (i32.xor (i32.xor (i32.and ${get("a")} ${get("b")}) (i32.and ${get("a")} ${get("c")})) (i32.and ${get("b")} ${get("c")}))))
      (local.set $h ${get("g")}) (local.set $g ${get("f")}) (local.set $f ${get("e")}) (local.set $e (i32.add ${get("d")} ${get("t1")}))
      (local.set $d ${get("c")}) (local.set $c ${get("b")}) (local.set $b ${get("a")}) (local.set $a (i32.add ${get("t1")} ${get("t2")}))
      (br_if $round (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const 1))) (i32.const 64))))
    ${[..."abcdefgh"].map((name, i) => `(i32.store offset=${1024 + 4 * i} (${P}.const 0) (i32.add (i32.load offset=${1024 + 4 * i} (${P}.const 0)) ${get(name)}))`).join("\n    ")})
  (func (export "canister_update kernel") (local $i i32)
    (loop $blocks
      (call $block ${at("(i32.add (i32.const 65536) (i32.and (i32.shl (local.get $i) (i32.const 6)) (i32.const 0xffff)))")})
      (br_if $blocks (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const 1))) (i32.const 4000)))))`;

const word = (at: (i32: string) => string, index: string): string => at(`(i32.shl ${index} (i32.const 2))`);

/** Heapsort of 40,000 pseudo-random words. */
const sort: Kernel = (P, at) => `
  (func $sift (param $r i32) (param $n i32) (local $c i32) (local $x i32) (local $y i32)
    (block $done (loop $down
      (br_if $done (i32.ge_u (local.tee $c (i32.add (i32.shl ${get("r")} (i32.const 1)) (i32.const 1))) ${get("n")}))
      (if (i32.lt_u (i32.add ${get("c")} (i32.const 1)) ${get("n")}) (then
        (if (i32.lt_u (i32.load ${word(at, get("c"))}) (i32.load offset=4 ${word(at, get("c"))})) (then (local.set $c (i32.add ${get("c")} (i32.const 1)))))))
      (br_if $done (i32.ge_u (local.tee $x (i32.load ${word(at, get("r"))})) (local.tee $y (i32.load ${word(at, get("c"))}))))
      (i32.store ${word(at, get("r"))} ${get("y")})
      (i32.store ${word(at, get("c"))} ${get("x")})
      (local.set $r ${get("c")})
      (br $down))))
  (func (export "canister_update kernel") (local $n i32) (local $i i32) (local $x i32)
    (local.set $n (i32.const 40000)) (local.set $x (i32.const 123456789))
    (loop $fill
      (local.set $x (i32.xor ${get("x")} (i32.shl ${get("x")} (i32.const 13))))
      (local.set $x (i32.xor ${get("x")} (i32.shr_u ${get("x")} (i32.const 17))))
      (local.set $x (i32.xor ${get("x")} (i32.shl ${get("x")} (i32.const 5))))
      (i32.store ${word(at, get("i"))} ${get("x")})
      (br_if $fill (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const 1))) ${get("n")})))
    (local.set $i (i32.shr_u ${get("n")} (i32.const 1)))
    (loop $heapify
      (local.set $i (i32.sub ${get("i")} (i32.const 1)))
      (call $sift ${get("i")} ${get("n")})
      (br_if $heapify ${get("i")}))
    (local.set $i (i32.sub ${get("n")} (i32.const 1)))
    (loop $extract
      (local.set $x (i32.load (${P}.const 0)))
      (i32.store (${P}.const 0) (i32.load ${word(at, get("i"))}))
      (i32.store ${word(at, get("i"))} ${get("x")})
      (call $sift (i32.const 0) ${get("i")})
      (br_if $extract (local.tee $i (i32.sub ${get("i")} (i32.const 1))))))`;

/** Recursive Fibonacci numbers: nothing but calls. */
const fib: Kernel = (P) => `
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_u ${get("n")} (i32.const 2)) (then ${get("n")})
      (else (i32.add (call $fib (i32.sub ${get("n")} (i32.const 1))) (call $fib (i32.sub ${get("n")} (i32.const 2)))))))
  (func (export "canister_update kernel") (i32.store (${P}.const 0) (call $fib (i32.const 27))))`;

/** Adds to every word of 256 KiB, sixty times: the store-bound worst case. */
const fill: Kernel = (P, at) => `
  (func (export "canister_update kernel") (local $k i32) (local $i i32) (local $s i64) (local $q ${P})
    (loop $passes
      (local.set $i (i32.const 0))
      (loop $words
        (local.set $q ${at("(i32.shl (local.get $i) (i32.const 3))")})
        (i64.store ${get("q")} (i64.add (i64.load ${get("q")}) (i64.extend_i32_u (i32.mul ${get("i")} ${get("k")}))))
        (local.set $s (i64.add ${get("s")} (i64.load ${get("q")})))
        (br_if $words (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const 1))) (i32.const 32768))))
      (br_if $passes (i32.lt_u (local.tee $k (i32.add ${get("k")} (i32.const 1))) (i32.const 60))))
    (i64.store (${P}.const 0) ${get("s")}))`;

/** Every kernel as wasm32 and wasm64 text; each exports `canister_update kernel`. */
export function kernelModules(): readonly { readonly id: string; readonly text: string }[] {
  return Object.entries({ sha256, sort, fib, fill }).flatMap(([name, kernel]) => [
    { id: `${name}32`, text: `(module (memory 64) ${kernel("i32", (value) => value)})` },
    { id: `${name}64`, text: `(module (memory i64 64) ${kernel("i64", (value) => `(i64.extend_i32_u ${value})`)})` },
  ]);
}
