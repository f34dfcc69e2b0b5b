/** The sessions thread's work: terminals, states, and the store. The store may be slow, locked or full; terminals go on. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { appendOutput } from "../store/session_output.ts";
import { pruneSessions } from "../store/session_retention.ts";
import { appendStateChange, updateSession } from "../store/session_writer.ts";
import { Hibernation } from "./hibernation.ts";
import { HookFiles } from "./hook_files.ts";
import { ParseTurns } from "./parse_turns.ts";
import { rebuildTerminal } from "./rebuild_terminal.ts";
import { freeMemory } from "../proc/own_memory.ts";
import { RECORD } from "./record.ts";
import type {
  FromThread,
  GatheredMessage,
  Opening,
  Question,
  ThreadError,
  ThreadSettings,
  ToThread,
} from "./thread_messages.ts";
import type { TerminalState } from "./terminal/terminal_state.ts";
import { WatchedSession } from "./watched_session.ts";

/** How often output is stored that fills no chunk, in ms: what a kill -9 may cost. */
const FLUSH_MS = 1000;
/** A store that refused is not asked again for this long, in ms. */
const RETRY_MS = 2000;
/** How long one try waits for another process's lock, in ms: terminals wait with it. */
const BUSY_MS = 50;
/** How long what somebody asks for is tried while the store is locked, and the pause between, in ms. */
const PATIENCE_MS = 5000, LOCKED_MS = 50;
/** How often it is looked whether more is kept than may be, in ms. */
const PRUNE_MS = 60_000;

export interface SessionsDeskDeps {
  readonly post: (message: FromThread) => void;
}

export class SessionsDesk {
  readonly #post: (message: FromThread) => void;
  readonly #sessions = new Map<number, WatchedSession>();
  readonly #hooks = new HookFiles(
    (number, line) => this.#sessions.get(number)?.hook(line),
    (line) => this.#post({ kind: "log", line }),
  );
  readonly #turns = new ParseTurns(() => this.#tellParsed());
  /** Whose terminal nobody needs any more, and of whom something is still to be stored. */
  readonly #leaving = new Set<WatchedSession>();
  #settings: ThreadSettings | null = null;
  #database: Database | null = null;
  #parsedTimer: ReturnType<typeof setTimeout> | undefined;
  #flushTimer: ReturnType<typeof setInterval> | undefined;
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #pruneTimer: ReturnType<typeof setInterval> | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #hibernation = new Hibernation({
    terminals: () => this.#sessions.values().map(({ terminal }) => terminal),
    freeMemory,
    nowMs: () => performance.now(),
  });
  #retryAtMs = 0;
  /** Errors that were told: one that comes with each output is told once. */
  readonly #errors = new Set<string>();

  constructor({ post }: SessionsDeskDeps) {
    this.#post = post;
  }

  handle(message: ToThread): void {
    this.#safely(() => this.#handle(message));
  }

  /** What is wrong with one session ends none of the others: were this thread to die of it, the next one would, too. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      const trace = String(error instanceof Error ? error.stack : error).replaceAll(/\s*\n\s*/g, " ");
      const line = `the sessions thread goes on after an error: ${trace}`;
      if (this.#errors.has(line)) return;
      this.#errors.add(line);
      this.#post({ kind: "log", line });
    }
  }

  #handle(message: ToThread): void {
    switch (message.kind) {
      case "open":
        return this.#open(message.settings);
      case "settings":
        this.#settings = message.settings;
        return;
      case "start":
        return this.#start(message.opening);
      case "gathered":
        for (const gathered of message.messages) this.#safely(() => this.#take(gathered));
        this.#turns.work();
        break;
      case "foreground":
        this.#sessions.get(message.number)?.foreground(message.isAtPrompt);
        break;
      case "resize":
        this.#inTurn(message.number, (session) => session.resize(message.size));
        break;
      case "exit":
        this.#inTurn(message.number, (session) => session.exited(message.exit));
        break;
      case "forget":
        return this.#forget(message.number);
      case "ask":
        void this.#ask(message.id, message.question);
        return;
      case "stop":
        this.#stop();
        return;
    }
    this.#planLook();
  }

  /** Does something with a session when what it wrote before is drawn. */
  #inTurn(number: number, act: (session: WatchedSession) => void): void {
    const session = this.#sessions.get(number);
    if (!session) return;
    act(session);
    this.#turns.add(session);
    this.#turns.work();
  }

  #take(message: GatheredMessage): void {
    if (message.kind !== "typed") this.#hibernation.took(message.bytes.length);
    const session = this.#sessions.get(message.number);
    if (!session) return;
    if (message.kind === "typed") session.typed(message);
    else session.output(message);
    this.#turns.add(session);
    if (session.recorder.hasFull) this.#flush();
  }

  #open(settings: ThreadSettings): void {
    this.#settings = settings;
    this.#flushTimer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#pruneTimer = setInterval(() => this.#prune(), PRUNE_MS);
    this.#rest();
  }

  /** One timer for all terminals. */
  #rest(): void {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#rest(), this.#hibernation.step());
  }

  #start(opening: Opening): void {
    const session = new WatchedSession(opening, {
      post: this.#post,
      nowUs: () => systemClock.nowUs(),
      quietMs: () => this.#settings?.quietMs ?? 2000,
    });
    this.#sessions.set(session.number, session);
    if (session.hooksFile !== null) {
      this.#hooks.add(session.number, session.hooksFile, { onlyNew: opening.fromSeq > 0 });
    }
    this.#planLook();
  }

  /** One message for everything that is parsed in one turn. */
  #tellParsed(): void {
    this.#parsedTimer ??= setTimeout(() => {
      this.#parsedTimer = undefined;
      const positions: [number, number][] = [];
      for (const session of this.#sessions.values()) {
        const seq = session.takeParsed();
        if (seq !== null) positions.push([session.number, seq]);
      }
      this.#post({ kind: "parsed", positions });
      this.#planLook();
    }, 0);
  }

  /** Looks at every screen that wants to be looked at, when it wants to. */
  #planLook(): void {
    let nextUs = Infinity;
    for (const { nextLookUs } of this.#sessions.values()) nextUs = Math.min(nextUs, nextLookUs ?? Infinity);
    clearTimeout(this.#lookTimer);
    if (nextUs === Infinity) return;
    const waitMs = Math.max(0, (nextUs - systemClock.nowUs()) / 1000);
    this.#lookTimer = setTimeout(() => {
      const nowUs = systemClock.nowUs();
      for (const session of this.#sessions.values()) {
        if (session.nextLookUs === null || session.nextLookUs > nowUs) continue;
        try {
          session.look();
        } catch (error) {
          session.lookNoMore();
          const reason = error instanceof Error ? error.message : String(error);
          this.#post({
            kind: "log",
            line: `the screen of session ${session.number} cannot be read: ${reason}`,
          });
        }
      }
      this.#planLook();
    }, waitMs);
  }

  async #ask(id: number, question: Question): Promise<void> {
    const patienceMs = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return this.#post({ kind: "answered", id, value: await this.#answer(question) });
      } catch (error) {
        const isLocked = error instanceof KmError && error.code === "store_locked";
        if (!isLocked || performance.now() > patienceMs) {
          return this.#post({ kind: "failed", id, error: errorOf(error) });
        }
        // Not in SQLite, where the terminals would wait too.
        await new Promise((resolve) => setTimeout(resolve, LOCKED_MS));
      }
    }
  }

  async #answer(question: Question): Promise<unknown> {
    if (question.kind === "record") {
      const run = RECORD[question.name] as (db: Database, ...args: unknown[]) => unknown; // as: one union member of many
      // What is asked is of the newest state: first what waits.
      this.#flush();
      return run(this.#db(), ...question.args);
    }
    const watched = this.#sessions.get(question.session.number);
    if (question.kind === "mayType") return watched?.mayType() ?? false;
    if (question.kind === "snapshot" && watched) return await watched.snapshot();
    if (watched) return await answerFrom(watched.terminal, question);
    const { terminal, seq } = await rebuildTerminal(this.#db(), question.session.id);
    using _gone = terminal;
    if (question.kind === "snapshot") return { ...await terminal.snapshot(), seq };
    return await answerFrom(terminal, question);
  }

  #db(): Database {
    const { database = "" } = this.#settings ?? {};
    this.#database ??= openDatabase(database, {
      mode: "write",
      makesFolder: false,
      busyTimeoutMs: BUSY_MS,
      cacheKib: 512,
    });
    return this.#database;
  }

  /** Stores what waits. A store that refuses is asked again later; nothing of it is lost before its bound. */
  #flush(): void {
    if (performance.now() < this.#retryAtMs) return;
    for (const session of [...this.#sessions.values(), ...this.#leaving]) {
      try {
        this.#flushOne(session);
        this.#leaving.delete(session);
      } catch (error) {
        if (error instanceof KmError && error.code.startsWith("store_")) {
          this.#retryAtMs = performance.now() + RETRY_MS;
          return this.#post({ kind: "log", line: `cannot store sessions for now: ${error.message}` });
        }
        // Of this one alone, and it would be so the next time: its record is not what it should be, or gone.
        session.recordNoMore();
        const reason = error instanceof Error ? error.message : String(error);
        this.#post({ kind: "log", line: `session ${session.number} is not recorded any further: ${reason}` });
      }
    }
  }

  #flushOne(session: WatchedSession): void {
    if (session.recorder.isEmpty && session.changes.length === 0) return;
    const db = this.#db();
    session.recorder.flush((chunk) => appendOutput(db, session.id, chunk));
    for (let change = session.changes[0]; change !== undefined; change = session.changes[0]) {
      appendStateChange(db, session.id, change);
      session.changes.shift();
    }
    updateSession(db, session.id, { seq: session.seq, title: session.title });
  }

  #forget(number: number): void {
    const session = this.#sessions.get(number);
    if (!session) return;
    // What the store does not take now it takes later.
    this.#leaving.add(session);
    this.#turns.remove(session);
    this.#flush();
    if (session.hooksFile !== null) this.#hooks.remove(session.hooksFile);
    session[Symbol.dispose]();
    this.#sessions.delete(number);
    this.#hibernation.dropped();
  }

  #prune(): void {
    const { keepDays = 0, maxOutputBytes = null, maxTotalBytes = null } = this.#settings ?? {};
    try {
      pruneSessions(this.#db(), {
        nowUs: systemClock.nowUs(),
        maxDays: keepDays,
        maxBytesPerSession: maxOutputBytes,
        maxTotalBytes,
      });
    } catch (error) {
      if (!(error instanceof KmError)) throw error;
      this.#post({ kind: "log", line: `cannot remove old sessions for now: ${error.message}` });
    }
  }

  #stop(): void {
    clearInterval(this.#flushTimer);
    clearInterval(this.#pruneTimer);
    clearTimeout(this.#restTimer);
    clearTimeout(this.#lookTimer);
    clearTimeout(this.#parsedTimer);
    this.#turns[Symbol.dispose]();
    this.#retryAtMs = 0;
    this.#flush();
    this.#hooks[Symbol.dispose]();
    for (const session of this.#sessions.values()) session[Symbol.dispose]();
    this.#sessions.clear();
    this.#database?.[Symbol.dispose]();
    this.#post({ kind: "stopped" });
  }
}

async function answerFrom(
  terminal: TerminalState,
  question: Exclude<Question, { kind: "record" | "mayType" }>,
): Promise<unknown> {
  if (question.kind === "snapshot") return await terminal.snapshot();
  switch (question.format) {
    case "text":
      return terminal.maskedText({ scrollback: question.scrollback });
    case "ansi":
      return terminal.screenAnsi();
    case "cells":
      return terminal.screenCells();
  }
}

function errorOf(error: unknown): ThreadError {
  if (error instanceof KmError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}
