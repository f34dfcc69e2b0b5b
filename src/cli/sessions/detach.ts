/** `km sessions detach`: all terminals leave a session. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions detach",
  summary: "Make all terminals that show a session leave it; it goes on",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  details: "For who forgot one open elsewhere, which decides on the size. The dashboard goes on showing it.",
  flags: [],
  examples: [["km sessions detach 3 && km sessions attach 3", "here, and nowhere else"]],
  async run(_, [ref = ""]) {
    const { answerOf } = await import("./api_answer.ts");
    const { connectSessions } = await import("./daemon_client.ts");
    const { withSuggestion } = await import("./find_one.ts");
    const daemon = await connectSessions();
    await withSuggestion(
      daemon,
      ref,
      () => answerOf(daemon.client.api.sessions[":id"].detach.$post({ param: { id: ref } })),
    );
    return 0;
  },
});
