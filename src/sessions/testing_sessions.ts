/** What the tests of sessions share: real programs in real terminals, the real thread, a store in a temporary folder. Not part of the program. @module */
import { join } from "node:path";
import { decodeFrame } from "../core/session_wire.ts";
import type { SessionState } from "../core/session.ts";
import { Ptys } from "../proc/pty.ts";
import { openDatabase } from "../store/database.ts";
import { loadProviders } from "./providers/providers.ts";
import { Sessions, type SessionsDeps } from "./sessions.ts";
import type { Caller } from "./start_options.ts";
import type { SessionEvent, SessionView, Viewer } from "./viewer.ts";
import type { TerminalSnapshot } from "./terminal/terminal_state.ts";

export const ME: Caller = { name: "me", via: "token" };
/** Longest that a test waits for something that must come, in ms. */
const PATIENCE_MS = 20_000;

/** Sessions in a home of their own; everything is gone afterwards. */
export class TestSessions implements AsyncDisposable {
  readonly folder: string;
  readonly sessions: Sessions;
  readonly logged: string[] = [];
  readonly #isOwner: boolean;

  constructor(
    changes: Partial<SessionsDeps> & { readonly folder?: string; readonly providers?: never } = {},
  ) {
    this.#isOwner = changes.folder === undefined;
    this.folder = changes.folder ?? Deno.makeTempDirSync({ prefix: "km-sessions-" });
    const database = join(this.folder, "km.db");
    openDatabase(database, { mode: "write" })[Symbol.dispose]();
    this.sessions = new Sessions({
      ptys: new Ptys(),
      watcher: { listFile: null, add() {}, remove() {}, [Symbol.dispose]() {} },
      hooksFolder: join(this.folder, "hooks"),
      settings: () => ({
        database,
        quietMs: 300,
        maxOutputBytes: 1 << 24,
        keepDays: 30,
        maxTotalBytes: 1 << 30,
      }),
      limits: () => ({ max: 20, maxPerUser: 10, maxQueue: 5 }),
      providers: () =>
        loadProviders({ quiet: { extends: "shell", command: ["/bin/sh"], quiet: "idle" } }).providers,
      environment: () => ({ PATH: "/usr/bin:/bin", HOME: this.folder, SHELL: "/bin/sh", PS1: "$ " }),
      log: (line) => this.logged.push(line),
      ...changes,
    });
  }

  /** Starts a program in the folder. */
  async run(command: readonly string[], name?: string): Promise<SessionView> {
    return await this.sessions.start({
      provider: "shell",
      command,
      cwd: this.folder,
      size: { cols: 80, rows: 24 },
      ...(name !== undefined && { name }),
    }, ME);
  }

  async until(ref: string, ...states: SessionState[]): Promise<SessionView> {
    const view = await this.sessions.wait(ref, { states, timeoutMs: PATIENCE_MS });
    if (view && states.includes(view.state)) return view;
    throw new Error(
      `session ${ref} never was ${states.join(" or ")}: ${(await this.sessions.get(ref)).state}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sessions[Symbol.asyncDispose]();
    if (this.#isOwner) Deno.removeSync(this.folder, { recursive: true });
  }
}

/** A viewer that keeps all it was shown, and checks that nothing is missing. */
export class TestViewer implements Viewer {
  readonly name: string;
  readonly mayWrite: boolean;
  /** What came since the last snapshot, and everything before it. */
  text = "";
  readonly snapshots: TerminalSnapshot[] = [];
  readonly events: SessionEvent[] = [];
  /** Sequence number behind the last byte; -1: nothing came yet. */
  seq = -1;
  /** True: it takes nothing more. */
  isFull = false;
  #waiting: { readonly isThere: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: { readonly name?: string; readonly mayWrite?: boolean } = {}) {
    this.name = options.name ?? "viewer";
    this.mayWrite = options.mayWrite ?? true;
  }

  output(data: Uint8Array<ArrayBuffer>): boolean {
    const frame = decodeFrame(data);
    if (!frame) throw new Error("not a frame");
    if (this.seq !== -1 && frame.seq !== this.seq) {
      throw new Error(`expected byte ${this.seq}, got ${frame.seq}`);
    }
    this.seq = frame.seq + frame.bytes.length;
    this.text += new TextDecoder().decode(frame.bytes);
    this.#look();
    return !this.isFull;
  }

  snapshot(snapshot: TerminalSnapshot): void {
    this.snapshots.push(snapshot);
    this.seq = snapshot.seq;
    this.text += new TextDecoder().decode(snapshot.bytes);
    this.#look();
  }

  event(event: SessionEvent): void {
    this.events.push(event);
    this.#look();
  }

  /** Settles when `isThere`. @throws after a while */
  async until(isThere: () => boolean): Promise<void> {
    if (isThere()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ isThere, resolve });
    const timer = setTimeout(
      () => reject(new Error(`never came; there is: ${this.text.slice(-500)}`)),
      PATIENCE_MS,
    );
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ isThere, resolve }) => {
      if (!isThere()) return true;
      resolve();
      return false;
    });
  }
}
