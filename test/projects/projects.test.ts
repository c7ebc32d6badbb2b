import { expect, test } from "vitest";
import { checkProjects, projects } from "./checkProjects.ts";

test("there are many, one feature each", () => expect(projects.length).toBeGreaterThanOrEqual(24));
checkProjects("others");
