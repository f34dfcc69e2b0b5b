/** `km sessions search`: text in what sessions wrote. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions search",
  summary: "Search what sessions have written",
  usage: "<text…>",
  words: [1, Infinity],
  details:
    "In any case, newest first. The same line of a session is told once, however often a program drew it. " +
    "Reads the database: km serve need not run.",
  flags: [
    { name: "session", type: "string", help: "Only in this session" },
    { name: "limit", short: "n", type: "number", default: "50", help: "Show the newest n" },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  examples: [["km sessions search panic", "where something panicked"]],
  json: {
    number: "of the session",
    sessionId: "id of the session",
    time: "when it was written, ISO 8601 in UTC with µs",
    seq: "where in the session's output, in bytes",
    line: "the line, or the part of it around what was found",
    matchStart: "where in the line it begins, in UTF-16 units",
    matchEnd: "where it ends",
  },
  async run(flags, words) {
    const { searchSessions } = await import("./search_sessions.ts");
    return await searchSessions(words.join(" "), flags);
  },
});
