/** `km plugins revoke <name> <permission…>`. @module */
import { command as defineCommand } from "../command.ts";
import { CHANGE_JSON } from "./change_contract.ts";

export const command = defineCommand({
  name: "plugins revoke",
  summary: "Take back permissions of a plugin; it goes on with the rest",
  details:
    "Permissions are spelled as km plugins info shows them. Without servers, methods or directions it is given no message.",
  usage: "<name> <permission…>",
  words: [2, 100],
  wordNames: "plugins",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km plugins revoke api-logger net=api.example.com", "it connects to nobody any more"]],
  json: CHANGE_JSON,
  async run({ json }, [name = "", ...tokens]) {
    const { revokeNow } = await import("./change_plugin.ts");
    return await revokeNow(name, tokens, json);
  },
});
