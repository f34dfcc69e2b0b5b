/**
 * A program with pipes, in a session of its own (setsid): it and whatever it starts can be ended together, and a `SessionWatcher` that is told its
 * pid ends it after km. What it prints is read no faster than the reader takes it.
 * @module
 */
import { checkStart, resolveCommand } from "./pty_command.ts";
import { cannotEnd, endMembers } from "./session_end.ts";

export interface PipedSessionOptions {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly searchPath: string;
  /** `SessionWatcher.listFile`. */
  readonly listFile?: string | null;
  /** All that it reads; then its stdin ends. */
  readonly input: string;
  /** Takes what it prints; nothing more is read from that stream until this settles. */
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void;
}

/** How a program ended. */
export interface PipedExit {
  /** Null: by a signal. */
  readonly code: number | null;
  readonly signal: string | null;
}

/** How long what was printed may take to arrive after the end, in ms: whoever still holds the pipes has left the session. */
const DRAIN_MS = 1000;

export class PipedSession {
  readonly #child: Deno.ChildProcess;
  readonly #readers: readonly ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>[];
  readonly #graceMs: number;
  /** Fails when not even SIGKILL ends the program. */
  readonly #stuck = Promise.withResolvers<never>();
  /** Settles when nobody of the session is left and all that was printed was taken. @throws what `onOutput` threw; {KmError} busy when not even SIGKILL ends it */
  readonly ended: Promise<PipedExit>;

  /**
   * @param graceMs between SIGINT and SIGTERM, and between SIGTERM and SIGKILL
   * @throws {KmError} command_not_found, command_not_executable, not_found, usage
   */
  constructor(options: PipedSessionOptions, graceMs = 3000) {
    checkStart(options);
    const [program = "", ...args] = listed(resolveCommand(options), options.listFile ?? null);
    this.#graceMs = graceMs;
    this.#child = new Deno.Command(program, {
      args,
      cwd: options.cwd,
      env: { ...options.env },
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdin, stdout, stderr } = this.#child;
    this.#readers = [stdout.getReader(), stderr.getReader()];
    const writer = stdin.getWriter();
    void feed(writer, options.input);
    this.ended = this.#run(options.onOutput).finally(() => {
      writer.abort().catch(() => {}); // Closed already.
    });
  }

  /** Also the number of its session. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Ends all of the session: SIGINT, as Ctrl-C, then SIGTERM, then SIGKILL. Settles as `ended`. */
  async end(first: "SIGINT" | "SIGTERM" | "SIGKILL" = "SIGINT", graceMs = this.#graceMs): Promise<PipedExit> {
    const signals = ["SIGINT", "SIGTERM", "SIGKILL"] as const;
    await this.#signalUntilGone(signals.slice(signals.indexOf(first)), graceMs);
    return await this.ended;
  }

  async #run(take: PipedSessionOptions["onOutput"]): Promise<PipedExit> {
    const [out, err] = this.#readers;
    const failures: unknown[] = [];
    // Whoever takes no more ends it: a program whose output nobody reads would never end.
    const failed = async (error: unknown): Promise<void> => {
      failures.push(error);
      this.#stopReading();
      await this.#signalUntilGone(["SIGKILL"], this.#graceMs);
    };
    const read = Promise.all([
      pump(out, (bytes) => take("stdout", bytes)).catch(failed),
      pump(err, (bytes) => take("stderr", bytes)).catch(failed),
    ]);
    const { code, signal } = await Promise.race([this.#child.status, this.#stuck.promise]);
    // What it left behind in its session ends with it.
    await this.#signalUntilGone(["SIGTERM", "SIGKILL"], this.#graceMs);
    const timer = setTimeout(() => this.#stopReading(), DRAIN_MS);
    await read;
    clearTimeout(timer);
    if (failures.length > 0) throw failures[0];
    return { code: signal === null ? code : null, signal };
  }

  async #signalUntilGone(signals: readonly Deno.Signal[], graceMs: number): Promise<void> {
    if (Deno.build.os === "windows") return kill(this.#child); // No sessions there: the program alone can be found.
    const left = await endMembers(this.pid, { rounds: signals.map((signal) => [signal]), graceMs });
    if (!left.includes(this.pid)) return;
    this.#stopReading();
    this.#stuck.reject(cannotEnd(this.pid));
  }

  #stopReading(): void {
    for (const reader of this.#readers) reader.cancel().catch(() => {}); // It has ended by itself.
  }
}

/** The command behind a shell that adds its process id, which stays the same, to the list first. */
function listed(command: readonly string[], listFile: string | null): readonly string[] {
  if (listFile === null) return command;
  return ["/bin/sh", "-c", '{ echo "+$$" >>"$0"; } 2>/dev/null; exec "$@"', listFile, ...command];
}

async function feed(
  writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
  input: string,
): Promise<void> {
  try {
    if (input !== "") await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It does not read, or has ended: what came of that is told by its end.
  }
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined,
  take: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void,
): Promise<void> {
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true, value: undefined };
    if (done) return;
    await take(value);
  }
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}
