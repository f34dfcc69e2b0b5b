/** The fake agent, or another program, in a real terminal, with what km thinks that it is doing. For tests of detection without a daemon. @module */
import { fileURLToPath } from "node:url";
import type { SessionState, StateChange } from "../../src/core/session.ts";
import { type PtyExit, Ptys } from "../../src/proc/pty.ts";
import { StateTracker } from "../../src/sessions/detect/state_tracker.ts";
import type { HookEvent } from "../../src/sessions/detect/hooks.ts";
import type { Provider } from "../../src/sessions/providers/provider.ts";
import { TerminalState } from "../../src/sessions/terminal/terminal_state.ts";

export const FAKE_AGENT = fileURLToPath(new URL("fake_agent.ts", import.meta.url));
/** Runs the fake agent; its own arguments come behind. */
export const FAKE_COMMAND: readonly string[] = [Deno.execPath(), "run", "-A", "--no-check", FAKE_AGENT];

export interface WatchedAgentOptions {
  readonly provider: Provider;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const WAIT_MS = 20_000;

export class WatchedAgent implements AsyncDisposable {
  readonly changes: StateChange[] = [];
  readonly tracker: StateTracker;
  readonly terminal: TerminalState;
  readonly exit: Promise<PtyExit>;
  readonly #ptys = new Ptys();
  readonly #pty: ReturnType<Ptys["spawn"]>;
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ provider, command, env = {}, cwd = Deno.cwd() }: WatchedAgentOptions) {
    const size = { cols: 100, rows: 30 };
    const searchPath = env["PATH"] ?? Deno.env.get("PATH") ?? "";
    const exit = Promise.withResolvers<PtyExit>();
    this.exit = exit.promise;
    this.tracker = new StateTracker({ provider, nowUs: nowUs(), hasHooks: false });
    this.#note(this.tracker.started(nowUs()));
    this.terminal = new TerminalState({
      size,
      answer: (bytes) => void this.#pty.write(bytes),
      signal: (signal) => this.#note(this.tracker.signal(signal, nowUs())),
    });
    this.#pty = this.#ptys.spawn({
      command,
      cwd,
      size,
      env: { PATH: searchPath, HOME: Deno.env.get("HOME") ?? "/", LANG: "C.UTF-8", ...env },
      searchPath,
      onData: (bytes) => {
        this.terminal.write(bytes);
        this.#note(this.tracker.output(nowUs()));
      },
      onExit: (end) => {
        this.#note(this.tracker.exited(end, nowUs()));
        exit.resolve(end);
      },
    });
  }

  /** The states so far, in order. */
  get states(): SessionState[] {
    return this.changes.map(({ state }) => state);
  }

  type(text: string): void {
    this.#note(this.tracker.typed(nowUs(), /[\r\n]$/.test(text)));
    this.#pty.write(new TextEncoder().encode(text));
  }

  hook(event: HookEvent): void {
    this.#note(this.tracker.hook(event, nowUs()));
  }

  async untilState(state: SessionState): Promise<void> {
    await this.#until(() => this.tracker.state === state, state);
  }

  async untilText(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.text), String(pattern));
  }

  get text(): string {
    return this.terminal.screenText().join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    if (this.tracker.state !== "exited") this.#pty.signal("SIGKILL");
    await this.exit;
    await this.#ptys[Symbol.asyncDispose]();
    clearTimeout(this.#timer);
    this.terminal[Symbol.dispose]();
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      timeout.reject(new Error(`${what} did not come: ${this.states.join(" ")}\n${this.text}`));
    }, WAIT_MS);
    try {
      while (!holds()) {
        const news = Promise.withResolvers<void>();
        this.#waiting.add(news.resolve);
        await Promise.race([news.promise, timeout.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #note(change: StateChange | null): void {
    if (change !== null) this.changes.push(change);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    clearTimeout(this.#timer);
    const { nextLookUs } = this.tracker;
    if (nextLookUs === null) return;
    this.#timer = setTimeout(() => {
      const { x, y } = this.terminal.cursor;
      this.#note(this.tracker.screen(this.terminal.screenText(), nowUs(), { x, y }));
    }, Math.max(0, (nextLookUs - nowUs()) / 1000));
  }
}

/** A clock that never goes back. */
function nowUs(): number {
  return Math.round(performance.now() * 1000);
}
