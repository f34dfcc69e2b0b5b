/** The end of a session, whatever its processes think of that. @module */
import type { PtyExit } from "./pty.ts";
import { sessionMembers } from "./session_members.ts";

/** What is to be ended. */
interface Ending {
  readonly pid: number;
  readonly exit: Promise<PtyExit>;
  resume(): void;
}

/** How often it is looked whether somebody is left, in ms. */
const LOOK_MS = 20;

/**
 * SIGHUP and SIGCONT to each process of the session, SIGTERM to those that are there after `graceMs`, SIGKILL to those after `graceMs` more.
 * A number that the system gave to somebody else is not hit: as long as one process of a session lives, the session's number is taken, and
 * once none was seen nobody is signalled any more.
 */
export async function endSession(pty: Ending, graceMs: number): Promise<PtyExit> {
  pty.resume(); // What nobody reads would never end.
  let isGone = false;
  void pty.exit.then(() => isGone = true);
  for (const [index, signals] of [["SIGHUP", "SIGCONT"], ["SIGTERM"], ["SIGKILL"]].entries()) {
    let members = await sessionMembers(pty.pid);
    for (const member of members) for (const signal of signals) kill(member, signal as Deno.Signal);
    const deadline = performance.now() + graceMs;
    while (members.length > 0 && (index === 2 || performance.now() < deadline)) {
      await delay(LOOK_MS, isGone ? null : pty.exit);
      members = await sessionMembers(pty.pid);
    }
    if (members.length === 0) break;
  }
  return await pty.exit;
}

/** Waits `ms`, or until `sooner`. */
async function delay(ms: number, sooner: Promise<unknown> | null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await (sooner ? Promise.race([promise, sooner]) : promise);
  clearTimeout(timer);
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
