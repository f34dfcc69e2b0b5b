/** `km stop`: ends the daemon of this home, gracefully. @module */
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { findDaemon } from "../../daemon/daemon_file.ts";
import { askToEnd } from "../../proc/detach.ts";
import { command as defineCommand } from "../command.ts";
import { requireDaemon } from "../running_daemon.ts";
import { write } from "../terminal.ts";

/** A stop takes at most 5 s; more than that and something is wrong. */
const STOP_MS = 8000;
const LOOK_MS = 20;

export const command = defineCommand({
  name: "stop",
  summary: "Stop km serve: requests under way are answered, everything is written",
  details: "Waits until it has ended. Exits with 3 where none runs.",
  flags: [],
  examples: [["km stop", "end the daemon of this home"]],
  async run() {
    const { daemon } = kmPaths();
    const { pid } = requireDaemon();
    askToEnd(pid);
    const end = performance.now() + STOP_MS;
    // Its file goes before the process does; a process that was killed is seen by its absence.
    while (findDaemon(daemon)?.pid === pid) {
      if (performance.now() > end) {
        throw new KmError(
          "unsupported",
          `Cannot stop km serve: pid ${pid} still runs after ${STOP_MS / 1000} s`,
          {
            hint: `"km logs" may say why; "kill -9 ${pid}" ends it, what is stored stays whole`,
          },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    write(`km serve has stopped (pid ${pid})\n`);
    return 0;
  },
});
