/** `km plugins list`: what is installed. @module */
import { command as defineCommand } from "../command.ts";
import { LIST_FLAGS, LIST_JSON } from "./list_contract.ts";

export const command = defineCommand({
  name: "plugins list",
  summary: "Show which plugins are installed",
  flags: LIST_FLAGS,
  examples: [["km plugins list", "name, version, publisher, and whether it is on"]],
  json: LIST_JSON,
  async run({ json }) {
    const { listPlugins } = await import("./list_plugins.ts");
    return listPlugins(json);
  },
});
