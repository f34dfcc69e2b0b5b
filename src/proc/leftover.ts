/** Processes that outlived whoever started them. @module */

/** Ends the process group of `pid` at once when `mark` is in its command line: else the id belongs to somebody else by now. Linux; elsewhere it lets them be. */
export function endLeftover(pid: number, mark: string): boolean {
  try {
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    if (!command.split("\0").some((word) => word.includes(mark))) return false;
    Deno.kill(-pid, "SIGKILL");
    return true;
  } catch {
    return false; // It has ended, or this is not Linux.
  }
}
