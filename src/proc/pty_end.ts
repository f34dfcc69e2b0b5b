/** The end of a session in a terminal, whatever its processes think of that. @module */
import type { PtyExit } from "./pty.ts";
import { cannotEnd, endMembers, type EndOptions } from "./session_end.ts";

/** What is to be ended. */
interface Ending {
  readonly pid: number;
  readonly exit: Promise<PtyExit>;
  resume(): void;
}

/**
 * SIGHUP and SIGCONT to each process of the session, SIGTERM to those that are there after `graceMs`, SIGKILL to those after `graceMs` more.
 * A number that the system gave to somebody else is not hit: as long as one process of a session lives, the session's number is taken, and
 * once none was seen nobody is signalled any more.
 * @throws {KmError} busy when not even SIGKILL ends the program
 */
export async function endSession(
  pty: Ending,
  options: Pick<EndOptions, "graceMs" | "killMs" | "look">,
): Promise<PtyExit> {
  pty.resume(); // What nobody reads would never end.
  const left = await endMembers(pty.pid, {
    ...options,
    rounds: [["SIGHUP", "SIGCONT"], ["SIGTERM"], ["SIGKILL"]],
    leaderEnd: pty.exit,
  });
  if (left.includes(pty.pid)) throw cannotEnd(pty.pid);
  return await pty.exit;
}
