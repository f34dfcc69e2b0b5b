/** `km plugins names`: what is installed, for a shell that completes a word. @module */
import { kmPaths } from "../../config/paths.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { readPluginsLock } from "../../plugins/trust/lock_file.ts";
import { command as defineCommand } from "../command.ts";
import { writeLines } from "../terminal.ts";

/** Shells read them as words of a script. */
const PLAIN = /^[\w.-]+$/;

export const command = defineCommand({
  name: "plugins names",
  summary: "Print the names of installed plugins",
  details: "Completions of shells ask it.",
  flags: [],
  examples: [["km plugins names", "one on a line"]],
  run() {
    const { plugins } = readPluginsLock(pluginPaths(kmPaths().home));
    writeLines(plugins.map(({ name }) => name).filter((name) => PLAIN.test(name)));
    return 0;
  },
});
