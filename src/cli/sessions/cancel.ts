/** `km sessions cancel`: takes commands back that wait. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions cancel",
  summary: "Take commands back that wait to be typed in",
  usage: "<session> [command…]",
  words: [1, Infinity],
  wordNames: "sessions",
  details:
    "All that wait, or those that are named, by their ids or the beginnings of them. Those of a session that has ended wait " +
    "for a resume, where its provider can.",
  flags: [{ name: "json", type: "boolean", help: "One JSON object per line" }],
  examples: [
    ["km sessions cancel 3", "all that wait"],
    ["km sessions cancel 3 fix-1", 'the one that was sent with "--id fix-1"'],
  ],
  json: {
    id: "id of the command",
    text: "the command",
    cancelled: "false: it was typed in before it could be taken back",
  },
  async run({ json }, [ref = "", ...ids]) {
    const { cancelCommands } = await import("./cancel_commands.ts");
    return await cancelCommands(ref, ids, json);
  },
});
