import { arg, text } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";

export default defineCommand({
  path: "new",
  summary: "Create a project",
  description: "Create a project in a new folder, with icp.yaml, sources and a README. Existing files are never touched.",
  examples: ["icx new hello", "icx new hello --template motoko"],
  args: { name: arg("name", "name of the project and of its folder") },
  options: { template: text("-t, --template <name>", "what to begin with (motoko)") },
  async run({ name, template }, context) {
    const { createProject } = await import("../operations/createProject.ts");
    context.ui.show(await createProject(context, { name, template: template ?? "motoko" }));
  },
});
