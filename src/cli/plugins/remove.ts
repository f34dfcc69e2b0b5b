/** `km plugins remove <name>`. @module */
import { command as defineCommand } from "../command.ts";
import { CHANGE_JSON } from "./change_contract.ts";

export const command = defineCommand({
  name: "plugins remove",
  summary: "Remove a plugin",
  usage: "<name>",
  words: [1, 1],
  wordNames: "plugins",
  details:
    "What it kept, its configuration and its log stay for the next time, and km goes on to know which release was the newest here, so that " +
    "nobody slips you an older one. --purge removes all that too.",
  flags: [
    {
      name: "purge",
      type: "boolean",
      help: "Also remove its data and log, and forget which releases were here",
    },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km plugins remove tool-guard", "its data stays"],
    ["km plugins remove tool-guard --purge", "as if it had never been here"],
  ],
  json: CHANGE_JSON,
  async run({ purge, json }, [name = ""]) {
    const { removeNow } = await import("./change_plugin.ts");
    return await removeNow(name, { purge, json });
  },
});
