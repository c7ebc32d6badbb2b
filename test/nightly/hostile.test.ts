import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { ModuleTrial } from "../hostile/moduleTrial.ts";
import { mutateModule } from "../hostile/mutateModule.ts";
import { realModules } from "../hostile/realModules.ts";
import { measured } from "./ground.ts";

const SEEDS = 10_000, GROUP = 500;
interface MotokoCompiler { write(path: string, text: string): void; wasm(path: string, mode: "ic"): { readonly wasm: Uint8Array } }
const loaded = createRequire(import.meta.url)("motoko") as MotokoCompiler & { readonly default?: MotokoCompiler }, compiler = loaded.default ?? loaded;
compiler.write("Main.mo", `persistent actor { var count : Nat = 0; let names = [var "a", "b"];
  public func increment(by : Nat) : async Nat { count += by; names[count % 2] #= "x"; count }; public query func get() : async Nat { count }; public query func name() : async Text { names[count % 2] } }`);

describe("changed real modules are refused or run, and the neighbours go on", async () => {
  const modules = [...await realModules(), compiler.wasm("Main.mo", "ic").wasm], trial = new ModuleTrial();
  for (let first = 0; first < SEEDS; first += GROUP) {
    test(`seeds ${first} to ${first + GROUP - 1}`, { timeout: 1_200_000 }, () => {
      const wrong: string[] = [];
      for (let seed = first; seed < first + GROUP; seed++) {
        const found = trial.try(mutateModule(modules[seed % modules.length]!, modules[(seed + 1) % modules.length]!, seed));
        if (found !== undefined) wrong.push(`seed ${seed}: ${found}`);
      }
      expect(wrong).toEqual([]);
      measured(JSON.stringify(trial.verdicts));
    });
  }
});
