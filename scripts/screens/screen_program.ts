/** A program in a real terminal that is driven by what it shows, and recorded. @module */
import headless from "@xterm/headless";
import { type PtyExit, Ptys } from "../../src/proc/pty.ts";

const SIZE = { cols: 100, rows: 36 };
/** Nothing drawn for this long: the screen is complete. */
const STILL_MS = 700;
const WAIT_MS = 30_000;

/** One event of an asciicast: seconds since the one before, kind, data. */
type CastEvent = readonly [number, "o" | "i" | "x", string];

export interface ScreenProgramOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export class ScreenProgram implements AsyncDisposable {
  readonly #terminal = new headless.Terminal({ ...SIZE, scrollback: 1000, allowProposedApi: true });
  readonly #decoder = new TextDecoder();
  readonly #events: CastEvent[] = [];
  readonly #ptys = new Ptys();
  readonly #pty: ReturnType<Ptys["spawn"]>;
  readonly #exit = Promise.withResolvers<PtyExit>();
  #lastMs: number = performance.now();
  #drawnMs: number = performance.now();
  #hasExited = false;

  constructor(options: ScreenProgramOptions) {
    this.#pty = this.#ptys.spawn({
      ...options,
      size: SIZE,
      searchPath: options.env["PATH"] ?? "",
      onData: (bytes) => {
        this.#drawnMs = performance.now();
        this.#add("o", this.#decoder.decode(bytes, { stream: true }));
        this.#terminal.write(bytes);
      },
      onExit: (exit) => {
        this.#hasExited = true;
        this.#add("x", String(exit.code ?? exit.signal));
        this.#exit.resolve(exit);
      },
    });
    // Programs ask for colours and modes at the start, and some wait for the answer.
    this.#terminal.onData((data) => this.#pty.write(new TextEncoder().encode(data)));
  }

  /** Waits until `pattern` is on the screen, or the program has ended, and nothing changes any more. */
  async until(
    pattern: RegExp,
    options: { readonly moves?: boolean; readonly waitMs?: number } = {},
  ): Promise<void> {
    const endMs = performance.now() + (options.waitMs ?? WAIT_MS);
    while (performance.now() < endMs) {
      const isStill = options.moves === true || performance.now() - this.#drawnMs >= STILL_MS;
      if (isStill && pattern.test(await this.text())) return;
      if (this.#hasExited) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${pattern} did not come; the screen is\n${await this.text()}`);
  }

  /** Types `keys`. */
  type(keys: string): void {
    this.#add("i", keys);
    this.#pty.write(new TextEncoder().encode(keys));
  }

  /** What the terminal shows. */
  async text(): Promise<string> {
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
    const { active } = this.#terminal.buffer;
    const rows = Array.from(
      { length: SIZE.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
    );
    return rows.join("\n").trimEnd() + "\n";
  }

  async exited(): Promise<PtyExit> {
    return await this.#exit.promise;
  }

  /** What happened so far, as an asciicast. @see https://docs.asciinema.org/manual/asciicast/v3 */
  cast(title: string): string {
    const header = { version: 3, term: { ...SIZE, type: "xterm-256color" }, title };
    return [header, ...this.#events].map((line) => JSON.stringify(line) + "\n").join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasExited) await this.#ptys.end(this.#pty, { graceMs: 300 });
    await this.#ptys[Symbol.asyncDispose]();
    this.#terminal.dispose();
  }

  #add(kind: CastEvent[1], data: string): void {
    const nowMs = performance.now();
    this.#events.push([Math.round(nowMs - this.#lastMs) / 1000, kind, data]);
    this.#lastMs = nowMs;
  }
}
