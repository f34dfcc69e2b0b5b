/**
 * The watch over all sessions of a daemon: one tiny `sh` that outlives it and ends what runs in its terminals.
 *
 * It holds the read end of a pipe whose only write end is the daemon's, and is told which sessions there are. When the daemon is gone, however it
 * went (SIGKILL included), the pipe ends. The kernel hangs up the terminals then, which ends most programs; the watcher ends those that
 * ignore SIGHUP, and background jobs in process groups of their own. It lives in a session of its own, so that what ends the daemon's group
 * does not reach it.
 * @see `watcher.ts`, the same for one monitored server @module
 */

/** Wait between SIGHUP and SIGTERM, and between SIGTERM and SIGKILL, in ms. */
const WATCHER_GRACE_MS = 2000;

/**
 * `$1` is the wait in tenths of a second, `$2` a file, or empty. Lines in the file, or where there is none on stdin: `+pid` a session began,
 * `-pid` its leader has ended. `!` on stdin: the file does not count any more.
 *
 * A number the system gave to somebody else must not be hit. At the alarm the sessions' leaders live or have only just ended, so those
 * found then are theirs; later looks find at most what these started, because the number of a session stays taken while one of its processes
 * lives, and a session in which nobody was seen at the third look is not looked at again.
 */
const SCRIPT = `
cd /
sids=' ' list=$2
note() {
  pid=\${1#?}
  case $1 in
    +[1-9]*) case $sids in *" $pid "*) ;; *) sids="$sids$pid " ;; esac ;;
    -[1-9]*) case $sids in *" $pid "*) sids="\${sids%%" $pid "*} \${sids#*" $pid "}" ;; esac ;;
    !) list='' ;;
  esac
}
while read -r line; do note "$line"; done
[ -n "$list" ] && while read -r line; do note "$line"; done < "$list"
[ -n "$2" ] && rm -f "$2"
[ "$sids" = ' ' ] && exit 0

# Each look: pids of those sessions into $all, and the sessions that still have any into $sids.
seen() { case $sids in *" $2 "*) ;; *) return ;; esac
  all="$all $1"
  case $left in *" $2 "*) ;; *) left="$left$2 " ;; esac
}
if [ -r /proc/self/stat ]; then
  # What counts stands behind the last ")": the name before it may hold anything.
  list() {
    for entry in /proc/[0-9]*; do
      { read -r stat < "$entry/stat"; } 2>/dev/null || continue
      set -- \${stat##*)}
      [ "$1" = Z ] || seen "\${entry#/proc/}" "$4"
    done
  }
else
  # No list of sessions here: a session's own process group is what can be found.
  list() {
    set -- $(ps -A -o pid= -o pgid= -o stat=)
    while [ $# -ge 3 ]; do
      case $3 in Z*) ;; *) seen "$1" "$2" ;; esac
      shift 3
    done
  }
fi
looks=0
look() {
  all='' left=' ' looks=$((looks+1))
  list
  # Who is started while the list is read, by one that ends meanwhile, is not in it: the first few do not count.
  [ "$looks" -le 3 ] && return
  sids=$left
  [ -n "$all" ] || exit 0
}

look
kill -HUP $all 2>/dev/null
kill -CONT $all 2>/dev/null
for signal in TERM KILL; do
  n=0
  while [ "$n" -lt "$1" ]; do sleep 0.1; n=$((n+1)); look; done
  kill -"$signal" $all 2>/dev/null
done
`;

/** A watcher under way. */
export interface SessionWatcher extends Disposable {
  /** To which a session adds the line `+pid` before its program begins: the daemon may be killed before it knows that it has started one. */
  readonly listFile: string | null;
  /** A session began; `pid` is its leader's. */
  add(pid: number): void;
  /** Its leader has ended. */
  remove(pid: number): void;
}

/** Starts the watcher. Disposing of it is like the daemon's end: what is still listed is ended. On Windows a console ends with the process that holds it. */
export function startSessionWatcher(graceMs = WATCHER_GRACE_MS): SessionWatcher {
  if (Deno.build.os === "windows") return { listFile: null, add() {}, remove() {}, [Symbol.dispose]() {} };
  const list = SessionList.make();
  const tenths = String(Math.max(1, Math.round(graceMs / 100)));
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", SCRIPT, "km-sessions", tenths, list?.path ?? ""],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
  }).spawn();
  child.unref();
  const writer = child.stdin.getWriter();
  const encoder = new TextEncoder();
  // Somebody ended the watcher: sessions go on without it.
  const ignore = () => {};
  const tell = (line: string) => void writer.write(encoder.encode(`${line}\n`)).catch(ignore);
  writer.closed.catch(ignore);
  const living = new Set<number>();
  let isListed = list !== null;
  const note = (line: string) => {
    if (!isListed) return tell(line);
    if (list?.add(line, living.size === 0)) return;
    isListed = false;
    tell("!");
    for (const pid of living) tell(`+${pid}`);
  };
  return {
    listFile: list?.path ?? null,
    add: (pid) => {
      living.add(pid);
      note(`+${pid}`);
    },
    remove: (pid) => {
      living.delete(pid);
      note(`-${pid}`);
    },
    [Symbol.dispose]: () => {
      list?.[Symbol.dispose]();
      void writer.close().catch(ignore);
    },
  };
}

/**
 * The sessions that there are, in a file: what goes into a pipe is on its way for a while, and a daemon that is killed meanwhile would leave
 * programs of which nobody knows.
 */
class SessionList implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string) {
    this.path = path;
    this.#file = Deno.openSync(path, { append: true });
  }

  /** Null: there is no place for one. The watcher removes it. */
  static make(): SessionList | null {
    try {
      return new SessionList(Deno.makeTempFileSync({ prefix: "km-watch-" }));
    } catch {
      return null;
    }
  }

  /** Adds a line, in place of all others when `isLast`. False: the disk is full. */
  add(line: string, isLast: boolean): boolean {
    try {
      if (isLast) this.#file.truncateSync();
      const bytes = new TextEncoder().encode(`${line}\n`);
      return this.#file.writeSync(bytes) === bytes.length;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
