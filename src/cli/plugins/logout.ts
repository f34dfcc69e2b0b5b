/** `km plugins logout`: forgets the licence token. @module */
import { command as defineCommand } from "../command.ts";
import { LICENCE_JSON } from "./licence_contract.ts";

export const command = defineCommand({
  name: "plugins logout",
  summary: "Forget the licence token; plugins of higher tiers stop, and keep their data",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km plugins logout", "back to the tier free"]],
  json: LICENCE_JSON,
  async run({ json }) {
    const { logOutNow } = await import("./show_licence.ts");
    return await logOutNow(json);
  },
});
