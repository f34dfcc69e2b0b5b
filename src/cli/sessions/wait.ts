/** `km sessions wait`: until a session has done what it does. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions wait",
  summary: "Wait until a session is idle, or waits for you",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  details:
    "Prints the state and ends with 0; with 28 when it took too long, with 29 when its program ended and that was not waited for. It is not " +
    "idle while commands wait to be typed in.",
  flags: [
    {
      name: "for",
      type: "string",
      default: "idle,waiting_input,waiting_approval,auth_required",
      placeholder: "states",
      help: "States to wait for, with commas between",
    },
    { name: "timeout", type: "duration", default: "5m", help: "Wait at most so long" },
    { name: "json", type: "boolean", help: "Print the session as JSON" },
  ],
  examples: [
    ["km sessions wait 3 && km sessions screen 3", "what it shows once it is idle"],
    ["km sessions wait 3 --for exited --timeout 1h", "until its program ends"],
  ],
  async run({ for: states, timeout, json }, [ref = ""]) {
    const { statesOf } = await import("./wait_states.ts");
    const wanted = statesOf(states);
    const { connectSessions } = await import("./daemon_client.ts");
    const { waitFor } = await import("./wait_for.ts");
    const { jsonText } = await import("../json_text.ts");
    const { writeLines } = await import("../terminal.ts");
    const session = await waitFor(await connectSessions(), ref, { states: wanted, timeoutMs: timeout });
    writeLines([json ? jsonText(session) : session.state]);
    return 0;
  },
});
