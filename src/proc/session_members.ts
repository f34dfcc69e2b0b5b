/** Who is in a session (setsid(2)): its leader, its jobs in whatever process group, their children. @module */

/** Those of each session who have not ended, by the session's number. */
export type Members = ReadonlyMap<number, readonly number[]>;

/** Shortest time between two looks, in ms. */
const REST_MS = 20;
/** Processes that are looked at in one turn: all of a busy machine would hold up everybody's echo for milliseconds. */
const TURN_PROCESSES = 64;

/** What time it is, and waiting: a test has a clock of its own. */
export interface LookClock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

const CLOCK: LookClock = {
  nowMs: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** One look at all processes for all who want to know: looking costs the same for one session and for a hundred. */
export class SharedLook {
  readonly #look: () => Promise<Members>;
  readonly #clock: LookClock;
  #next: Promise<Members> | null = null;
  #restUntilMs = 0;

  constructor(look: () => Promise<Members>, clock: LookClock = CLOCK) {
    this.#look = look;
    this.#clock = clock;
  }

  /** What a look that begins after this call finds. */
  next(): Promise<Members> {
    return this.#next ??= this.#begin();
  }

  async #begin(): Promise<Members> {
    await this.#clock.pause(Math.max(0, this.#restUntilMs - this.#clock.nowMs()));
    this.#next = null; // Who asks from here on would hear of a time before.
    try {
      return await this.#look();
    } finally {
      this.#restUntilMs = this.#clock.nowMs() + REST_MS;
    }
  }
}

const shared = new SharedLook(() => Deno.build.os === "linux" ? membersOnLinux() : membersByPs());

/** The ids of the processes in session `sid` that have not ended. */
export async function sessionMembers(sid: number): Promise<readonly number[]> {
  try {
    const members = (await shared.next()).get(sid);
    // Who is started during a look, by one that ends before it comes to that one, is not seen by it.
    return members ?? (await shared.next()).get(sid) ?? [];
  } catch {
    return isAlive(sid) ? [sid] : []; // No descriptor, or no ps, to look any further with.
  }
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT"); // Hurts nobody: Deno has no name for signal 0.
    return true;
  } catch {
    return false;
  }
}

async function membersOnLinux(): Promise<Members> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) if (/^\d+$/.test(name)) pids.push(Number(name));
  const found: [sid: number, pid: number][] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % TURN_PROCESSES === TURN_PROCESSES - 1) await CLOCK.pause(0);
    const sid = sessionOf(pid);
    if (sid !== null) found.push([sid, pid]);
  }
  return bySession(found);
}

/** Places in stat behind the name, which may hold anything. @see proc_pid_stat(5) */
const STATE = 0, SESSION = 3;

/** Null: it has ended. */
function sessionOf(pid: number): number | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[STATE] === "Z" ? null : Number(fields[SESSION]);
  } catch {
    return null;
  }
}

/** macOS: ps knows process groups; a session's jobs are those whose group's leader it started. */
async function membersByPs(): Promise<Members> {
  const { stdout } = await new Deno.Command("/bin/ps", {
    args: ["-A", "-o", "pid=,pgid=,stat="],
    stdin: "null",
    stderr: "null",
  }).output();
  return bySession(
    new TextDecoder().decode(stdout).split("\n").map((line) => line.trim().split(/\s+/))
      .filter(([, , state]) => state !== undefined && !state.startsWith("Z"))
      .map(([pid, group]) => [Number(group), Number(pid)]),
  );
}

function bySession(found: readonly (readonly [sid: number, pid: number])[]): Members {
  const members = new Map<number, number[]>();
  for (const [sid, pid] of found) {
    const others = members.get(sid);
    if (others) others.push(pid);
    else members.set(sid, [pid]);
  }
  return members;
}
