const get = (name: string): string => `(local.get $${name})`;
const ENTRY = "canister_update kernel";
type Float = "f32" | "f64";

/** A loop of `$i` from 0 to `count` in steps. */
const loop = (count: number, step: number, body: string): string =>
  `(local.set $i (i32.const 0)) (loop $each ${body} (br_if $each (i32.lt_u (local.tee $i (i32.add ${get("i")} (i32.const ${step}))) (i32.const ${count}))))`;
const COUNT = 8192, PASSES = 60, X = 1024, Y = 1024 + COUNT * 8;
const passes = (body: string): string =>
  `(loop $passes ${body} (br_if $passes (i32.lt_u (local.tee $k (i32.add ${get("k")} (i32.const 1))) (i32.const ${PASSES}))))`;
const at = (type: Float): string => `(i32.shl ${get("i")} (i32.const ${type === "f32" ? 2 : 3}))`;
/** Fills both arrays with small numbers in the first run; a later one finds them. */
const fill = (type: Float): string => `(if (${type}.eq (${type}.load offset=${X} (i32.const 0)) (${type}.const 0)) (then ${loop(COUNT, 1,
  `(${type}.store offset=${X} ${at(type)} (${type}.convert_i32_u (i32.add (i32.and ${get("i")} (i32.const 63)) (i32.const 1))))
   (${type}.store offset=${Y} ${at(type)} (${type}.div (${type}.const 1) (${type}.convert_i32_u (i32.add ${get("i")} (i32.const 1)))))`)}))`;
const LOCALS = "(local $i i32) (local $k i32)";

/** Sum of products of two arrays. */
const dot = (type: Float): string => `(func (export "${ENTRY}") ${LOCALS} (local $s ${type}) ${fill(type)}
  ${passes(loop(COUNT, 1, `(local.set $s (${type}.add ${get("s")} (${type}.mul (${type}.load offset=${X} ${at(type)}) (${type}.load offset=${Y} ${at(type)}))))`))}
  (${type}.store (i32.const 0) ${get("s")}))`;

/** y ← a·x + y, one number at a time. */
const axpy = (type: Float): string => `(func (export "${ENTRY}") ${LOCALS} ${fill(type)}
  ${passes(loop(COUNT, 1, `(${type}.store offset=${Y} ${at(type)} (${type}.add (${type}.mul (${type}.const 0.5) (${type}.load offset=${X} ${at(type)})) (${type}.load offset=${Y} ${at(type)})))`))})`;

/** The same in vectors of four or two. */
const vectorAxpy = (type: Float): string => {
  const lanes = type === "f32" ? "f32x4" : "f64x2", step = type === "f32" ? 4 : 2;
  return `(func (export "${ENTRY}") ${LOCALS} ${fill(type)} ${passes(loop(COUNT, step, `(v128.store offset=${Y} ${at(type)} (${lanes}.add
    (${lanes}.mul (${lanes}.splat (${type}.const 0.5)) (v128.load offset=${X} ${at(type)})) (v128.load offset=${Y} ${at(type)})))`))})`;
};
const vectorDot = (type: Float): string => {
  const lanes = type === "f32" ? "f32x4" : "f64x2", step = type === "f32" ? 4 : 2;
  return `(func (export "${ENTRY}") ${LOCALS} (local $s v128) ${fill(type)}
    ${passes(loop(COUNT, step, `(local.set $s (${lanes}.add ${get("s")} (${lanes}.mul (v128.load offset=${X} ${at(type)}) (v128.load offset=${Y} ${at(type)}))))`))}
    (v128.store (i32.const 0) ${get("s")}))`;
};

const BODY = 56, BODIES = 5;
const field = (body: string, index: number): string => `(f64.load offset=${X + index * 8} ${body})`;
const update = (body: string, index: number, value: string): string => `(f64.store offset=${X + index * 8} ${body} ${value})`;
/** Five bodies that attract each other: position, velocity and mass of each, 2,000 steps. */
const nbody = (): string => {
  const axes = ["x", "y", "z"];
  const start = Array.from({ length: BODIES }, (_, body) => Array.from({ length: 7 }, (_, index) =>
    update(`(i32.const ${body * BODY})`, index, `(f64.const ${index === 6 ? 40 / (body * 7 + 1) : ((body * 7 + index * 3) % 11) / (index < 3 ? 1 : 9) - 3})`)).join(" ")).join("\n");
  return `(func (export "${ENTRY}") (local $k i32) (local $a i32) (local $b i32) ${axes.map((axis) => `(local $${axis} f64)`).join(" ")} (local $q f64) (local $m f64)
    ${start}
    (loop $steps
      (local.set $a (i32.const 0))
      (loop $first
        (local.set $b (i32.add ${get("a")} (i32.const ${BODY})))
        (loop $second
          ${axes.map((axis, index) => `(local.set $${axis} (f64.sub ${field(get("a"), index)} ${field(get("b"), index)}))`).join(" ")}
          (local.set $q (f64.add (f64.add (f64.mul ${get("x")} ${get("x")}) (f64.mul ${get("y")} ${get("y")})) (f64.add (f64.mul ${get("z")} ${get("z")}) (f64.const 0.01))))
          (local.set $m (f64.div (f64.const 0.001) (f64.mul ${get("q")} (f64.sqrt ${get("q")}))))
          ${axes.map((axis, index) => `${update(get("a"), 3 + index, `(f64.sub ${field(get("a"), 3 + index)} (f64.mul (f64.mul ${get(axis)} ${field(get("b"), 6)}) ${get("m")}))`)}
            ${update(get("b"), 3 + index, `(f64.add ${field(get("b"), 3 + index)} (f64.mul (f64.mul ${get(axis)} ${field(get("a"), 6)}) ${get("m")}))`)}`).join(" ")}
          (br_if $second (i32.lt_u (local.tee $b (i32.add ${get("b")} (i32.const ${BODY}))) (i32.const ${BODY * BODIES}))))
        (br_if $first (i32.lt_u (local.tee $a (i32.add ${get("a")} (i32.const ${BODY}))) (i32.const ${BODY * (BODIES - 1)}))))
      (local.set $a (i32.const 0))
      (loop $move
        ${axes.map((_, index) => update(get("a"), index, `(f64.add ${field(get("a"), index)} (f64.mul (f64.const 0.001) ${field(get("a"), 3 + index)}))`)).join(" ")}
        (br_if $move (i32.lt_u (local.tee $a (i32.add ${get("a")} (i32.const ${BODY}))) (i32.const ${BODY * BODIES}))))
      (br_if $steps (i32.lt_u (local.tee $k (i32.add ${get("k")} (i32.const 1))) (i32.const 2000)))))`;
};

/** Float kernels as wasm text; each exports `canister_update kernel`. */
export function floatModules(): readonly { readonly id: string; readonly text: string }[] {
  const bodies = { dot_f64: dot("f64"), dot_f32: dot("f32"), dot_f64x2: vectorDot("f64"), dot_f32x4: vectorDot("f32"), nbody: nbody(),
    axpy_f64: axpy("f64"), axpy_f32: axpy("f32"), axpy_f64x2: vectorAxpy("f64"), axpy_f32x4: vectorAxpy("f32") };
  return Object.entries(bodies).map(([id, body]) => ({ id, text: `(module (memory 4) ${body})` }));
}
