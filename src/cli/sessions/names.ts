/** `km sessions names`: what can be named, for a shell that completes a word. @module */
import { command as defineCommand } from "../command.ts";
import { writeLines } from "../terminal.ts";

/** Shells read them as words of a script. */
const PLAIN = /^[\w.-]+$/;
const NEWEST = 50;

export const command = defineCommand({
  name: "sessions names",
  summary: "Print the names of sessions",
  details: "Completions of shells ask it.",
  flags: [],
  examples: [["km sessions names", "one on a line"]],
  async run() {
    const { withStore } = await import("../read_store.ts");
    const { listSessions } = await import("../../store/session_reader.ts");
    return await withStore((db) => {
      writeLines(
        listSessions(db, { limit: NEWEST }).map(({ name }) => name).filter((name) => PLAIN.test(name)),
      );
      return 0;
    }, () => 0);
  },
});
