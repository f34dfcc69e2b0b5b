/** `km stop`: ends the daemon of this home, gracefully. @module */
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { findDaemon } from "../../daemon/daemon_file.ts";
import { printable } from "../../core/printable.ts";
import { askToEnd } from "../../proc/detach.ts";
import { isOfThisHost, type ProcessMark } from "../../store/process_mark.ts";
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
    const { process } = requireDaemon();
    const { pid } = process;
    if (!isOfThisHost(process)) throw runsElsewhere(process, daemon);
    askToEnd(pid);
    const end = performance.now() + STOP_MS;
    // Its file goes before the process does; a process that was killed is seen by its absence.
    while (findDaemon(daemon)?.process.pid === pid) {
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

/** Its pid is that of somebody else here, or of nobody. */
function runsElsewhere({ host }: ProcessMark, path: string): KmError {
  return new KmError("unsupported", `Cannot stop km serve: it runs on another host (${printable(host)})`, {
    hint: `run "km stop" there; if it ended there without a word, remove "${path}"`,
  });
}
