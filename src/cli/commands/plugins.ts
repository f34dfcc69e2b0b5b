/** `km plugins`: programs of others that see what km records, each in a sandbox of its own. @module */
import { command as defineCommand } from "../command.ts";
import { LIST_FLAGS, LIST_JSON } from "../plugins/list_contract.ts";
import { INTERNAL_COMMANDS, PLUGIN_COMMANDS } from "../plugins/plugin_commands.ts";

export const command = defineCommand({
  name: "plugins",
  summary: "Install and look after plugins, each in a sandbox that you set the bounds of",
  usage: "[command]",
  details:
    "Without a command it lists what is installed. A plugin runs in a process of its own that can open no file and no connection, " +
    "and is given no message, beyond what you granted when you installed it.",
  subcommands: PLUGIN_COMMANDS,
  internal: INTERNAL_COMMANDS,
  flags: LIST_FLAGS,
  examples: [
    ["km plugins", "which plugins are installed"],
    ["km plugins install ./tool-guard.kmpkg", "shows what it may do, then asks"],
    ["km plugins status --verbose", "what each does, and what it tried and was refused"],
  ],
  json: LIST_JSON,
  async run({ json }) {
    const { listPlugins } = await import("../plugins/list_plugins.ts");
    return listPlugins(json);
  },
});
