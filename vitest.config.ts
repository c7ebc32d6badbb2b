import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

/** The manners of the code first: they take less than a second and explain many later failures. */
class TidyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isTidy = (file: TestSpecification): boolean => file.moduleId.endsWith("test/tidy.test.ts");
    return [...sorted.filter(isTidy), ...sorted.filter((file) => !isTidy(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: process.env["ICX_NIGHTLY"] === "1" ? [] : ["test/nightly/**"],
    globalSetup: ["test/compileCache.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { CI: "true" }, // the same everywhere: what looks at the environment of the process instead of its own is found at once
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: TidyFirst },
    reporters: ["default"],
  },
});
