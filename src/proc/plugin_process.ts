/**
 * The process of a plugin: a process group of its own, whatever limits the system keeps by itself, low priority, nothing inherited.
 *
 * On Linux and macOS `sh` sets the limits (`ulimit`) and becomes the program: same process id, about 1 ms. Windows has no such limits; there
 * only what km measures and ends by itself holds.
 *
 * It ends with the process that started it, also when that was killed and it hears nothing: by the kernel (Linux), else by a small `sh` that watches.
 * @module
 */
import { keepFromChildren } from "./inherited.ts";
import { diesWithParent, isolatesNetwork } from "./wrappers.ts";
import { startWatcher } from "./watcher.ts";

const WINDOWS = Deno.build.os === "windows";
const LINUX = Deno.build.os === "linux";

/** What to start, and how. */
export interface PluginProcessOptions {
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How much later than others it gets a processor; 0: not at all. */
  readonly niceness: number;
  /** Most memory that it may write to, in MiB (`RLIMIT_DATA`); null: no bound. Kept by Linux alone. */
  readonly dataMiB: number | null;
  /** In a network namespace without any network, where the system lets users make one. */
  readonly noNetwork: boolean;
  /** Default: what this system has. */
  readonly endsWithParent?: EndsWithParent;
}

/** What ends it when the process that started it was killed. */
export type EndsWithParent = "kernel" | "watcher";

/** A process that was started. */
export interface PluginProcess {
  /** Also the id of its process group, except on Windows. */
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Settles when it has ended; pipes may still hold what it wrote. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Asks it to end (SIGTERM); on Windows, which cannot ask, ends it. */
  ask(): void;
  /** Ends it and everything of its group, now. */
  kill(): void;
}

/** Most files that it may have open at once: Deno itself has about 25, each connection takes one. */
const OPEN_FILES = 256;

/**
 * `$1` niceness, `$2` KiB of data or nothing, `$3` files; then the program. What a system has no limit for, it does without. Where Linux shares
 * processors between sessions first, the niceness of a process counts for nothing: it is also set for the session, which is the plugin's own.
 */
const SCRIPT = `n=$1
ulimit -c 0 2>/dev/null
[ -z "$2" ] || ulimit -d "$2" 2>/dev/null
ulimit -n "$3" 2>/dev/null
shift 3
[ "$n" = 0 ] || { echo "$n" >/proc/self/autogroup; } 2>/dev/null
[ "$n" = 0 ] || exec nice -n "$n" "$@"
exec "$@"`;

/** A plugin whose host is gone has nothing left to do: it is asked to end, and soon made to. */
const ORPHAN_WAITS = { graceMs: 300, killAfterMs: 300 };

/** Starts it. @throws when the program cannot be started */
export function startPluginProcess(options: PluginProcessOptions): PluginProcess {
  keepFromChildren();
  const [file, ...args] = WINDOWS ? options.argv : limited(options);
  const child = new Deno.Command(file, {
    args,
    clearEnv: true,
    env: { ...options.env },
    // Nothing of the user's lies there, and relative paths lead nowhere.
    cwd: WINDOWS ? `${options.env.SystemRoot ?? "C:\\Windows"}\\` : "/",
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: !WINDOWS,
  }).spawn();
  const { pid } = child;
  let over = false;
  const by = options.endsWithParent ?? (diesWithParent() === null ? "watcher" : "kernel");
  const watcher = by === "watcher" ? startWatcher(pid, ORPHAN_WAITS) : null;
  const ended = child.status.then(({ code, signal }) => {
    over = true;
    watcher?.dismiss();
    return { code: signal === null ? code : null, signal };
  });
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    ask: () => over || signalGroup(pid, "SIGTERM"),
    // Even when it is over: what it may have started is of the same group.
    kill: () => signalGroup(pid, "SIGKILL"),
  };
}

function limited(options: PluginProcessOptions): [string, ...string[]] {
  const { argv, niceness, dataMiB, noNetwork, endsWithParent } = options;
  const dataKiB = LINUX && dataMiB !== null ? String(dataMiB * 1024) : "";
  const shell: [string, ...string[]] = [
    "/bin/sh",
    "-c",
    SCRIPT,
    "km-plugin",
    String(niceness),
    dataKiB,
    String(OPEN_FILES),
    ...argv,
  ];
  const unshare = noNetwork ? isolatesNetwork() ?? [] : [];
  // Behind it: a new user's namespace takes the death signal away.
  const signalled = endsWithParent === "watcher" ? [] : diesWithParent() ?? [];
  return [...unshare, ...signalled, ...shell] as [string, ...string[]]; // as: the shell is there at least
}

function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(WINDOWS ? pid : -pid, WINDOWS ? "SIGKILL" : signal);
  } catch {
    // All of it has ended.
  }
}
