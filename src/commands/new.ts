import { optionalArg, text } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";

export default defineCommand({
  path: "new",
  summary: "Create a project",
  description: "Create a project in a new folder, with its manifest, sources and a README; `.` takes the folder that you are in, if it is empty. Existing files are never touched. What is left out is asked on a terminal.",
  examples: ["icx new hello", "icx new hello --template motoko-multi", "icx new ."],
  args: { name: optionalArg("name", "name of the project and of its folder") },
  options: { template: text("-t, --template <name>", "what to begin with: motoko (default), motoko-multi, rust, azle, prebuilt") },
  async run({ name, template }, context) {
    const { createProject } = await import("../operations/createProject.ts");
    context.ui.show(await createProject(context, { name, template }));
  },
});
