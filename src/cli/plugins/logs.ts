/** `km plugins logs`: what plugins said, what they were refused, when they started and ended. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "plugins logs",
  summary: "Show what plugins said, and what happened to them",
  usage: "[name]",
  words: [0, 1],
  wordNames: "plugins",
  details:
    "Without a name: of all. Colours that a plugin chose are shown at a terminal; whatever else would steer it is escaped.",
  flags: [
    { name: "lines", short: "n", type: "number", default: "50", help: "Show the last n lines" },
    { name: "follow", short: "f", type: "boolean", help: "Go on with new ones as they come, until Ctrl-C" },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  examples: [
    ["km plugins logs", "of all plugins"],
    ["km plugins logs tool-guard --follow", "watch one"],
  ],
  json: {
    plugin: "name of the plugin",
    time: "ISO 8601, UTC",
    source: "plugin: its own words; host: km about it",
    level: "debug, info, warning or error",
    text: "what was said, as it is: not escaped",
    console: "what is shown at a terminal in its place; absent: nothing else",
  },
  async run(flags, [name]) {
    const { showLogs } = await import("./show_logs.ts");
    return await showLogs(name, flags);
  },
});
