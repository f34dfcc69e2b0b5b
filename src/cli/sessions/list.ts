/** `km sessions list`: what runs, and what waits. @module */
import { command as defineCommand } from "../command.ts";
import { LIST_FLAGS, LIST_JSON } from "./list_contract.ts";

export const command = defineCommand({
  name: "sessions list",
  summary: "List sessions, first those that wait for you",
  flags: LIST_FLAGS,
  examples: [
    ["km sessions list --all", "those that have ended, too"],
    [
      "km sessions list --json | jq 'select(.state == \"waiting_approval\") | .number'",
      "which ones ask whether they may",
    ],
  ],
  json: LIST_JSON,
  async run(flags) {
    const { listSessions } = await import("./list_sessions.ts");
    return await listSessions(flags);
  },
});
