/** Letting the relay go first when processors are short. @module */
import { openLibc } from "./libc.ts";

/** How much later the other threads of km get a processor while all are busy; not at all while there are enough. */
const NICE = 5;
/** The lowest niceness: who asks for it gets what is left. */
const LAST = 19;

/**
 * Lowers the priority of every other thread of this process: compilers, garbage collectors, the main thread, and by
 * inheritance what they start, the recorder. On Linux only; elsewhere the recorder lowers itself.
 */
export function lowerOtherThreads(): void {
  if (Deno.build.os !== "linux") return;
  try {
    using libc = openLibc();
    const own = libc.threadId();
    for (const { name } of Deno.readDirSync("/proc/self/task")) {
      if (Number(name) !== own) libc.lowerThread(NICE, Number(name));
    }
  } catch {
    // Without FFI or /proc all threads stay equal.
  }
}

/**
 * Lowers the priority of a process to `nice` (0: not at all; 19: it runs while nothing else wants to), and so of what it starts from then on. One
 * that is lower stays so. Never fails.
 * @param pid of the user's; default: this process
 */
export function lowerProcess(nice: number, pid: number = Deno.pid): void {
  if (!(nice > 0)) return;
  try {
    // Not a static import: every monitor loads this module, and node:os costs 5 ms.
    // deno-lint-ignore no-process-global
    if (Deno.build.os !== "linux") return process.getBuiltinModule("node:os").setPriority(pid, nice);
    // A thread of Linux has a priority of its own, and hands it on to what it starts.
    using libc = openLibc();
    const tasks = `/proc/${pid}/task`;
    for (const { name } of Deno.readDirSync(tasks)) {
      // root would be let step forward.
      if (niceOf(`${tasks}/${name}/stat`) < nice) libc.lowerThread(nice, Number(name));
      if (nice >= LAST) libc.idleThread(Number(name));
    }
    lowerSession(nice, pid);
  } catch {
    // Not permitted, or it has ended: it stays as it is.
  }
}

/**
 * Lowers the session that a process leads. Desktops share processors between sessions first ("autogroup"), and there the priority of a process
 * counts against its own session only. A session of others, such as a shell's, is left alone.
 * @see sched(7), "The autogroup feature"
 */
function lowerSession(nice: number, pid: number): void {
  const session = statOf(`/proc/${pid}/stat`)[SESSION];
  if (Number(session) === pid) Deno.writeTextFileSync(`/proc/${pid}/autogroup`, String(nice));
}

function niceOf(path: string): number {
  return Number(statOf(path)[NICE_AT]);
}

/** Places behind the name, which may have spaces. @see proc_pid_stat(5) */
const SESSION = 3, NICE_AT = 16;

function statOf(path: string): readonly string[] {
  const stat = Deno.readTextFileSync(path);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Lowers the priority of the calling thread. */
export function lowerThread(): void {
  try {
    using libc = openLibc();
    libc.lowerThread(NICE);
  } catch {
    // Without FFI the thread keeps its priority.
  }
}
