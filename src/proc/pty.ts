/**
 * Programs in pseudo terminals: one `Ptys` has all of a process, with one thread that waits for them.
 *
 * Linux and macOS: libc by FFI (`pty_unix.ts`). Windows: ConPTY by FFI (`pty_windows.ts`).
 * @module
 */
import { KmError } from "../core/error.ts";
import type { TerminalSize } from "../core/session.ts";
import { checkStart } from "./pty_command.ts";
import { UnixPtys } from "./pty_unix.ts";
import { WindowsPtys } from "./pty_windows.ts";

export { MAX_PTY_QUEUE_BYTES } from "./pty_input.ts";

/** How a program in a terminal ended: by itself with a code, or by a signal. */
export interface PtyExit {
  readonly code: number | null;
  /** `SIGTERM`. */
  readonly signal: string | null;
}

export interface PtyOptions {
  /** Program and arguments; the program is looked up on `searchPath`, as seen from `cwd`, before anything is started. */
  readonly command: readonly string[];
  /** Full path of the folder that the program starts in. */
  readonly cwd: string;
  /** The child's whole environment (nothing is inherited); TERM is set to xterm-256color unless given. The shell that opens the terminal adds PWD. */
  readonly env: Readonly<Record<string, string>>;
  readonly size: TerminalSize;
  readonly searchPath: string;
  /** `SessionWatcher.listFile`. */
  readonly listFile?: string | null;
  /** Output as it comes, in order; `bytes` are the receiver's to keep. Called on the loop's turn, or inside type(), never inside write(). */
  readonly onData: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Once, after the last onData. */
  readonly onExit: (exit: PtyExit) => void;
}

/** How the kernel hands over what is typed into a terminal, as the program that reads it has set that. */
export interface LineMode {
  /** By lines, which the kernel edits (ICANON); else key by key: the program edits them itself. */
  readonly isLineByLine: boolean;
  /** The kernel shows what is typed. By lines and unseen is how programs ask for passwords. */
  readonly hasEcho: boolean;
}

/** A program in a terminal. */
export interface Pty {
  /** Also the id of its process group and of its session. */
  readonly pid: number;
  /** Bytes given to write() that the terminal has not taken yet. */
  readonly queuedBytes: number;
  readonly isPaused: boolean;
  /** The program itself is in the foreground of its terminal, and no other that it started. False where nobody knows. */
  readonly isForeground: boolean;
  /** Null where the system does not tell; where it should and fails, as for a password. */
  readonly lineMode: LineMode | null;
  /** False: the queue (MAX_PTY_QUEUE_BYTES) has no room for all of it, or the program has ended: nothing was taken. */
  write(bytes: Uint8Array): boolean;
  /** As write(), for keys: their echo, when it comes at once, is handed to onData before this returns. */
  type(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** What a keyboard can send (SIGINT, SIGQUIT, SIGTSTP) and SIGWINCH go to the foreground, others to the program's group too. */
  signal(name: Deno.Signal): void;
  /** Stops reading its output, and with it, once the kernel's buffer is full, the program. */
  pause(): void;
  /** Goes on reading its output. */
  resume(): void;
}

/** Wait between SIGHUP and SIGTERM, and between SIGTERM and SIGKILL, in ms. */
const END_GRACE_MS = 2000;

/** What each system does in its own way. */
export interface PtySystem extends AsyncDisposable {
  /** Looks the program up and starts it; the words and the folder were checked. */
  start(options: PtyOptions): Pty;
  /** @throws {TypeError} when `pty` is not its own */
  end(pty: Pty, graceMs: number): Promise<PtyExit>;
}

/** All terminals of one process. */
export class Ptys implements AsyncDisposable {
  #system: PtySystem | undefined;

  /**
   * Starts a program in a terminal of its own.
   * @throws {KmError} command_not_found, command_not_executable, not_found (cwd is no folder), usage (a NUL in a word), unsupported,
   * internal (no more pseudo terminals, descriptors or processes)
   */
  spawn(options: PtyOptions): Pty {
    checkStart(options);
    this.#system ??= openSystem();
    return this.#system.start({ ...options, env: { TERM: "xterm-256color", ...options.env } });
  }

  /**
   * Ends one: SIGHUP (and SIGCONT) to all of its session, after `graceMs` SIGTERM, after `graceMs` more SIGKILL. Resolves when it is gone, and
   * whatever else was in its session.
   * @throws {KmError} busy when not even SIGKILL ends it
   */
  end(pty: Pty, options: { readonly graceMs?: number } = {}): Promise<PtyExit> {
    if (!this.#system) throw new TypeError("Not a terminal of this process");
    return this.#system.end(pty, options.graceMs ?? END_GRACE_MS);
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#system?.[Symbol.asyncDispose]();
  }
}

function openSystem(): PtySystem {
  if (Deno.build.os === "linux" || Deno.build.os === "darwin") return new UnixPtys();
  if (Deno.build.os === "windows") return new WindowsPtys();
  throw new KmError("unsupported", `Cannot open a terminal: not on ${Deno.build.os}`);
}
