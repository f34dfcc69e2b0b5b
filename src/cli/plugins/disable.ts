/** `km plugins disable <name>`. @module */
import { command as defineCommand } from "../command.ts";
import { CHANGE_JSON } from "./change_contract.ts";

export const command = defineCommand({
  name: "plugins disable",
  summary: "Keep a plugin from running; it keeps its grants and data",
  usage: "<name>",
  words: [1, 1],
  wordNames: "plugins",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km plugins disable tool-guard", "it stops within seconds"]],
  json: CHANGE_JSON,
  async run({ json }, [name = ""]) {
    const { switchPlugin } = await import("./change_plugin.ts");
    return await switchPlugin(name, false, json);
  },
});
