/** `km plugins new <name>`: the folder of a new plugin. @module */
import { relative, resolve } from "node:path";
import { command as defineCommand } from "../../command.ts";
import { jsonText } from "../../json_text.ts";
import { write, writeError } from "../../terminal.ts";

export const command = defineCommand({
  name: "plugins new",
  summary: "Make the folder of a new plugin, which builds and passes its tests",
  usage: "<name>",
  words: [1, 1],
  flags: [
    { name: "in", type: "string", placeholder: "folder", default: ".", help: "Where the folder is made" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  details:
    "The name is the plugin's: lower-case letters, digits and hyphens. Nothing that is there is ever written over. " +
    "The SDK is copied into the folder, so an editor with Deno knows its types, and nothing has to be installed.",
  examples: [
    ["km plugins new slow-calls", "makes ./slow-calls"],
    ["km plugins test slow-calls", "runs it in the sandbox"],
  ],
  json: { folder: "absolute path of the new folder", files: "names of the files in it" },
  async run({ in: parent, json }, [name = ""]) {
    const { newProject, writeProject } = await import("../../../plugins/author/new_project.ts");
    const folder = await writeProject(resolve(parent), name);
    if (json) {
      write(`${jsonText({ folder, files: Object.keys(newProject(name)) })}\n`);
      return 0;
    }
    const shown = relative(Deno.cwd(), folder) || ".";
    write(`${folder}\n`);
    writeError(
      `edit ${shown}/plugin.ts; then\n` +
        `  km plugins test ${shown}     run it in the sandbox, with fixture.jsonl\n` +
        `  km plugins dev ${shown}      again at every save\n` +
        `  km plugins build ${shown}    make a package\n`,
    );
    return 0;
  },
});
