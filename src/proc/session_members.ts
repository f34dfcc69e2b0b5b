/** Who is in a session (setsid(2)): its leader, its jobs in whatever process group, their children. @module */

/** The ids of the processes in session `sid` that have not ended. */
export async function sessionMembers(sid: number): Promise<number[]> {
  try {
    const members = await look(sid);
    // Who is started during a look, by one that ends before it comes to that one, is not seen by it.
    return members.length > 0 ? members : await look(sid);
  } catch {
    return isAlive(sid) ? [sid] : []; // No descriptor, or no ps, to look any further with.
  }
}

async function look(sid: number): Promise<number[]> {
  return Deno.build.os === "linux" ? await membersOnLinux(sid) : await membersByPs(sid);
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT"); // Hurts nobody: Deno has no name for signal 0.
    return true;
  } catch {
    return false;
  }
}

async function membersOnLinux(sid: number): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) if (/^\d+$/.test(name)) pids.push(Number(name));
  return pids.filter((pid) => isMember(pid, sid));
}

/** Places in stat behind the name, which may hold anything. @see proc_pid_stat(5) */
const STATE = 0, SESSION = 3;

function isMember(pid: number, sid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[SESSION]) === sid && fields[STATE] !== "Z";
  } catch {
    return false; // It has ended.
  }
}

/** macOS: ps knows process groups; a session's jobs are those whose group's leader it started. */
async function membersByPs(sid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("/bin/ps", {
    args: ["-A", "-o", "pid=,pgid=,stat="],
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, group, state]) => Number(group) === sid && !state?.startsWith("Z"))
    .map(([pid]) => Number(pid));
}
