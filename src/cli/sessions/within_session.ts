/** Whether km runs in the very terminal that it is to show: it would show itself showing itself. @module */

/** True when the program `pid`, which began its terminal's session, began that of this process. Linux; false where that is not known. */
export function isWithin(pid: number | null): boolean {
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    // Behind the name, which may hold anything: state, parent, group, session.
    const session = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
    return pid !== null && Number(session) === pid;
  } catch {
    return false;
  }
}
