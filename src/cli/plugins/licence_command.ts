/** `km plugins licence`: what the licence opens, and until when. @module */
import { command as defineCommand } from "../command.ts";
import { LICENCE_JSON } from "./licence_contract.ts";

export const command = defineCommand({
  name: "plugins licence",
  summary: "Show which tier the licence opens, and until when",
  details: "Asks nobody: it says what is known here. Without a licence the tier is free.",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km plugins licence", "tier, customer, end"]],
  json: LICENCE_JSON,
  async run({ json }) {
    const { showLicence } = await import("./show_licence.ts");
    return await showLicence(json);
  },
});
