import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

/** The manners of the code first: they take less than a second and explain many later failures. */
const FIRST = "test/tidy.test.ts";
/** Then those that take longest, whatever their size: begun last, one of them would keep one core busy and the other idle. */
const LONG = [
  "test/sim/seeds.test.ts", "test/durability/kill.test.ts", "test/projects/motoko.test.ts", "test/interop/icx.test.ts", "test/templates/templates.test.ts", "test/cli/remedies.test.ts",
];
/** Those that need a process of their own; all others share two, where nobody pays again for loading and compiling what the network consists of. */
const ALONE = [
  "test/unit/replica/crypto/masterSecret.test.ts", // looks into the modules that all load
  "test/unit/replica/execution/manyCanisters.test.ts", // measures the CPU time of its process
  "test/sim/network.test.ts", // takes the listeners of the process
  "test/nightly/**",
];

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files), place = (file: TestSpecification): number => [FIRST, ...LONG, ""].findIndex((name) => file.moduleId.endsWith(name));
    return sorted.sort((one, other) => place(one) - place(other)); // keeps the order of all others
  }
}

export default defineConfig({
  test: {
    globalSetup: ["test/compileCache.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { CI: "true" }, // the same everywhere: what looks at the environment of the process instead of its own is found at once
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: InOrder },
    reporters: ["default"],
    projects: [
      { extends: true, test: { name: "alone", include: ALONE, exclude: process.env["ICX_NIGHTLY"] === "1" ? [] : ["test/nightly/**"] } },
      { extends: true, test: { name: "together", include: ["test/**/*.test.ts"], exclude: ALONE, isolate: false, setupFiles: ["test/leftBehind.ts"] } },
    ],
  },
});
