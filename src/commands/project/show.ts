import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "project show",
  summary: "Show the effective project",
  description: "Show the project as icx understands it, in YAML as `icp project show` prints it: recipes rendered, files read, with the networks and environments that every project has.",
  examples: ["icx project show", "icx project show --json"],
  args: {}, options: {},
  async run(_, context) {
    const { showProject } = await import("../../operations/showProject.ts");
    context.ui.show(showProject(context));
  },
});
