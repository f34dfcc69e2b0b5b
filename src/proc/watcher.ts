/**
 * The parent-death watch: a tiny `sh` that outlives km and ends what km left behind.
 *
 * It holds the read end of a lifeline pipe whose only write end is km's. When km is gone, however it went (SIGKILL included), the pipe
 * ends, and the watcher ends the server's process group as the MCP specification says: wait, SIGTERM, wait, SIGKILL. It
 * lives in a session of its own, so a client that kills km's whole process group does not reach it.
 * @see MCP 2025-11-25, Lifecycle, Shutdown, stdio @module
 */

/** Waits of an ending, in ms. */
export interface EndingWaits {
  /** From the end of the server's stdin to SIGTERM. */
  readonly graceMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly killAfterMs: number;
}

/** `$1` process group, `$2` and `$3` waits in tenths of a second. A line on stdin means: nothing left to do. `kill -X -pgid` without `--` is the form that dash, bash and busybox share. */
const SCRIPT = `
cd /
read -r goodbye && exit 0
gone() { ! kill -0 "-$1" 2>/dev/null; }
wait_gone() { n=0; while [ "$n" -lt "$2" ]; do gone "$1" && exit 0; sleep 0.1; n=$((n+1)); done; }
wait_gone "$1" "$2"
kill -TERM "-$1" 2>/dev/null
wait_gone "$1" "$3"
kill -KILL "-$1" 2>/dev/null
`;

/** A watcher under way. */
export interface Watcher {
  /** Tells it that the group has ended. Without it, the end of km is the alarm. */
  dismiss(): void;
}

/** Starts the watcher of process group `group`. On Windows there is none: the server is ended by km alone. */
export function startWatcher(group: number, waits: EndingWaits): Watcher {
  if (Deno.build.os === "windows") return { dismiss() {} };
  const tenths = (ms: number) => String(Math.max(1, Math.round(ms / 100)));
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", SCRIPT, "km-watch", String(group), tenths(waits.graceMs), tenths(waits.killAfterMs)],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
  }).spawn();
  child.unref();
  return {
    dismiss() {
      try {
        Deno.kill(child.pid, "SIGKILL");
      } catch {
        // It has ended already: somebody else killed it.
      }
    },
  };
}
