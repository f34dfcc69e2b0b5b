/** A user at a terminal that runs km: a real pseudo terminal, and on its other side a terminal emulator that shows what came of it. @module */
import headless from "@xterm/headless";
import type { TerminalSize } from "../../src/core/session.ts";
import type { Pty, PtyExit, Ptys } from "../../src/proc/pty.ts";
import { decode, KM, KM_ENV, PATIENCE_MS, within } from "./harness.ts";

const { Terminal } = headless;
const SIZE: TerminalSize = { cols: 80, rows: 24 };

export interface UserOptions {
  readonly home: string;
  readonly size?: TerminalSize;
  readonly env?: Readonly<Record<string, string>>;
  /** What to run instead of km. */
  readonly command?: readonly string[];
  readonly cwd?: string;
}

export class UserTerminal implements Disposable {
  readonly pty: Pty;
  readonly exit: Promise<PtyExit>;
  /** What the emulator would have answered: km's terminal is never asked anything. */
  readonly answers: string[] = [];
  /** Of the window. */
  title = "";
  readonly #terminal: InstanceType<typeof Terminal>;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #waiting = new Set<() => void>();
  #hasEnded = false;

  constructor(
    ptys: Ptys,
    args: readonly string[],
    { home, size = SIZE, env, command = KM, cwd }: UserOptions,
  ) {
    this.#terminal = new Terminal({ ...size, scrollback: 5000, allowProposedApi: true });
    this.#terminal.onData((data) => this.answers.push(data));
    this.#terminal.onTitleChange((title) => this.title = title);
    const path = Deno.env.get("PATH") ?? "/usr/bin:/bin";
    const ended = Promise.withResolvers<PtyExit>();
    this.exit = ended.promise;
    this.pty = ptys.spawn({
      command: [...command, ...args],
      cwd: cwd ?? home,
      env: {
        PATH: path,
        HOME: home,
        KM_HOME: home,
        LANG: "C.UTF-8",
        NO_COLOR: "1",
        ...cacheEnv(),
        ...KM_ENV,
        ...env,
      },
      searchPath: path,
      size,
      onData: (bytes) => {
        this.#bytes = new Uint8Array([...this.#bytes, ...bytes]);
        this.#terminal.write(bytes, () => this.#look());
      },
      onExit: (exit) => {
        this.#terminal.write("", () => {
          this.#hasEnded = true;
          ended.resolve(exit);
          this.#look();
        });
      },
    });
  }

  /** Everything that came, as it came. */
  get output(): string {
    return decode(this.#bytes);
  }

  /** What is seen. */
  get screen(): string {
    return this.#lines(this.#terminal.buffer.active.baseY);
  }

  /** What is seen and what has scrolled off. */
  get all(): string {
    return this.#lines(0);
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  /** Whatever a program can leave behind in a terminal, as text: to be compared. */
  get modes(): string {
    // As: what the emulator has no public name for.
    const { coreService, buffer } = (this.#terminal as unknown as {
      _core: {
        coreService: { isCursorHidden: boolean };
        buffer: { scrollTop: number; scrollBottom: number };
      };
    })._core;
    return JSON.stringify({
      ...this.#terminal.modes,
      buffer: this.#terminal.buffer.active.type,
      isCursorHidden: coreService.isCursorHidden,
      margins: [buffer.scrollTop, buffer.scrollBottom],
    });
  }

  type(text: string): void {
    this.pty.write(new TextEncoder().encode(text));
  }

  resize(size: TerminalSize): void {
    this.#terminal.resize(size.cols, size.rows);
    this.pty.resize(size);
  }

  /** Waits until what is seen fits. */
  async shows(pattern: RegExp): Promise<string> {
    await this.#until(() => pattern.test(this.screen), () => `${pattern} on the screen`);
    return this.screen;
  }

  /** Waits until what came fits. */
  async wrote(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.output), () => `${pattern} in the output`);
  }

  /** Waits for the end; returns the exit code. */
  async ended(): Promise<number | null> {
    return (await within(this.exit, PATIENCE_MS, () => `the end; the screen:\n${this.all}`)).code;
  }

  [Symbol.dispose](): void {
    this.#terminal.dispose();
  }

  async #until(holds: () => boolean, what: () => string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (holds()) resolve();
      else if (this.#hasEnded) reject(new Error(`ended before ${what()}; the screen:\n${this.all}`));
    };
    this.#waiting.add(look);
    look();
    try {
      await within(promise, PATIENCE_MS, () => `${what()}; the screen:\n${this.all}`);
    } finally {
      this.#waiting.delete(look);
    }
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  #lines(from: number): string {
    const { active } = this.#terminal.buffer;
    const lines = Array.from(
      { length: active.length - from },
      (_, i) => active.getLine(from + i)?.translateToString(true) ?? "",
    );
    return lines.join("\n").trimEnd();
  }
}

/** Where Deno keeps its packages: HOME is another one here. */
function cacheEnv(): Record<string, string> {
  const dir = Deno.env.get("DENO_DIR") ?? (Deno.env.get("HOME") ? `${Deno.env.get("HOME")}/.cache/deno` : "");
  return dir === "" ? {} : { DENO_DIR: dir };
}
