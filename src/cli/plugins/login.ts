/** `km plugins login`: takes a licence token, which opens plugins of higher tiers. @module */
import { EXIT_CODES } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { LICENCE_JSON } from "./licence_contract.ts";

export const command = defineCommand({
  name: "plugins login",
  summary: "Take a licence token, for plugins of the tiers pro and enterprise",
  details:
    "The token is read from --token-file, else from stdin, and never from the command line, which other users can see. km checks it, and " +
    "keeps it encrypted in KM_HOME; where the setting plugins.licenceUrl names a server, that is asked now and every five minutes. " +
    `Exits with ${EXIT_CODES.not_trusted} when it is not believed; then nothing is changed.`,
  flags: [
    {
      name: "token-file",
      type: "string",
      placeholder: "file",
      help: "File that holds the token and nothing else",
    },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km plugins login --token-file licence.txt", "from a file"],
    ["pass show km-licence | km plugins login", "from a program"],
  ],
  json: LICENCE_JSON,
  async run({ tokenFile, json }) {
    const { logInNow } = await import("./show_licence.ts");
    return await logInNow(tokenFile, json);
  },
});
