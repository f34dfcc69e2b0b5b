/** `km plugins enable <name>`. @module */
import { command as defineCommand } from "../command.ts";
import { CHANGE_JSON } from "./change_contract.ts";

export const command = defineCommand({
  name: "plugins enable",
  summary: "Let a plugin run again",
  usage: "<name>",
  words: [1, 1],
  wordNames: "plugins",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km plugins enable tool-guard", "once what turned it off is mended"]],
  json: CHANGE_JSON,
  async run({ json }, [name = ""]) {
    const { switchPlugin } = await import("./change_plugin.ts");
    return await switchPlugin(name, true, json);
  },
});
