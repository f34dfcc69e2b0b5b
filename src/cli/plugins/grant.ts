/** `km plugins grant <name>`: shows what a plugin, or its update that waits, wants and was not granted, and asks. @module */
import { EXIT_CODES } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { CHANGE_JSON } from "./change_contract.ts";

export const command = defineCommand({
  name: "plugins grant",
  summary: "Grant a plugin more of what it asks for; an update that then has all that it wants takes over",
  usage: "<name> [permission…]",
  words: [1, 100],
  wordNames: "plugins",
  details:
    "Without permissions it shows all that is asked for and not granted, and asks; no is the default. Where nobody can be asked it prints " +
    `the exact command, and exits with ${EXIT_CODES.not_granted}.`,
  flags: [
    {
      name: "grant",
      type: "list",
      placeholder: "permission",
      help: "The same as a permission behind the name",
    },
    { name: "json", type: "boolean", help: "One JSON object; asks nothing" },
  ],
  examples: [
    ["km plugins grant tool-guard", "shows what it wants, then asks"],
    ["km plugins grant tool-guard net=api.example.com payload=redacted", "these two, without asking"],
  ],
  json: CHANGE_JSON,
  async run({ grant, json }, [name = "", ...tokens]) {
    const { grantNow } = await import("./grant_now.ts");
    return await grantNow(name, [...tokens, ...grant], json);
  },
});
