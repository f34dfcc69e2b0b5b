/** The sessions thread as the main thread sees it. @module */
import { KmError } from "../core/error.ts";
import { GatheredMessages } from "./gathered_messages.ts";
import type { TypedMore } from "./detect/state_tracker.ts";
import type { RecordAnswer, RecordArgs, RecordName, SessionRecord } from "./record.ts";
import type {
  FromThread,
  Opening,
  OutputCopy,
  Question,
  ScreenFormat,
  SessionRef,
  ThreadSettings,
  ToThread,
} from "./thread_messages.ts";
import type { TerminalSnapshot } from "./terminal/terminal_state.ts";
import type { PtyExit } from "../proc/pty.ts";
import type { TerminalSize } from "../core/session.ts";

/** A thread that dies at once is not started again at once. */
const RESTART_MS = 500;
/** What the store refused to keep is offered again after this long, in ms. */
const KEEP_MS = 1000;
/** How long a stop may take, in ms. */
const STOP_MS = 2000;

/** What comes without being asked for. */
export type ThreadNews = Exclude<FromThread, { kind: "answered" | "failed" | "stopped" }>;

export interface SessionsThreadOptions {
  /** What runs in the thread; another one in tests. */
  readonly worker?: URL;
  readonly settings: () => ThreadSettings;
  readonly onNews: (news: ThreadNews) => void;
  /** It ended by an error, and another one runs: it knows nothing of the sessions that live, and must be told. */
  readonly onRestart: (reason: string) => void;
}

export class SessionsThread implements SessionRecord, AsyncDisposable {
  readonly #options: SessionsThreadOptions;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #gathered = new GatheredMessages((messages) =>
    this.#worker?.postMessage({ kind: "gathered", messages } satisfies ToThread)
  );
  #worker: Worker | null = null;
  #lastId = 0;
  #stopped: PromiseWithResolvers<void> | null = null;
  /** Settles when everything that is to be kept is. */
  #kept: Promise<void> = Promise.resolve();
  #keepNow: () => void = () => {};
  #isClosing = false;
  #restart: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionsThreadOptions) {
    this.#options = options;
    this.#start();
  }

  async record<Name extends RecordName>(name: Name, ...args: RecordArgs<Name>): Promise<RecordAnswer<Name>> {
    const answer = await this.#ask({ kind: "record", name, args: args as RecordArgs<RecordName> });
    return answer as RecordAnswer<Name>; // as: the thread answers what it was asked
  }

  /** Stores what has happened already, in order: a store that refuses, or a thread that is gone, is asked again until it is done. */
  keep<Name extends RecordName>(name: Name, ...args: RecordArgs<Name>): void {
    this.#kept = this.#kept.then(async () => {
      while (!await this.#isDone(() => this.record(name, ...args))) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, KEEP_MS);
        this.#keepNow = resolve;
        await promise;
        clearTimeout(timer);
      }
    });
  }

  /** What makes an empty terminal what this session's is now. @throws {KmError} not_found: its terminal is gone */
  async snapshot(session: SessionRef): Promise<TerminalSnapshot> {
    return await this.#ask({ kind: "snapshot", session }) as TerminalSnapshot; // as: as in record()
  }

  /** True when a prompt may be typed in, by what is drawn at this moment. */
  async mayType(session: SessionRef): Promise<boolean> {
    return await this.#ask({ kind: "mayType", session }) === true;
  }

  async screen(session: SessionRef, format: ScreenFormat, scrollback: boolean): Promise<unknown> {
    return await this.#ask({ kind: "screen", session, format, scrollback });
  }

  change(settings: ThreadSettings): void {
    this.#post({ kind: "settings", settings });
  }

  begin(opening: Opening): void {
    this.#post({ kind: "start", opening });
  }

  /** A copy of output. */
  output(copy: OutputCopy): void {
    this.#gathered.output(copy);
  }

  typed(number: number, keys: { readonly submits: boolean; readonly clears: boolean } & TypedMore): void {
    this.#gathered.typed({ kind: "typed", number, ...keys });
  }

  foreground(number: number, isAtPrompt: boolean): void {
    this.#post({ kind: "foreground", number, isAtPrompt });
  }

  resize(number: number, size: TerminalSize): void {
    this.#post({ kind: "resize", number, size });
  }

  exited(number: number, exit: PtyExit): void {
    this.#post({ kind: "exit", number, exit });
  }

  forget(number: number): void {
    this.#post({ kind: "forget", number });
  }

  /** Lets it store what waits, and ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#keepNow();
    await inTime(this.#kept, STOP_MS / 2);
    if (this.#stopped === null) {
      this.#stopped = Promise.withResolvers();
      clearTimeout(this.#restart);
      if (this.#worker === null) this.#stopped.resolve();
      this.#post({ kind: "stop" });
    }
    const tooLong = setTimeout(() => this.#ended("it took too long to stop"), STOP_MS);
    await this.#stopped.promise;
    clearTimeout(tooLong);
  }

  #start(): void {
    const worker = this.#options.worker === undefined
      ? new Worker(new URL("./sessions_worker.ts", import.meta.url), { type: "module", name: "km sessions" })
      : new Worker(this.#options.worker, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromThread>) => this.#heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#ended(event.message);
    };
    this.#worker = worker;
    this.#gathered.clear(); // They were for the one before.
    this.#post({ kind: "open", settings: this.#options.settings() });
  }

  #ask(question: Question): Promise<unknown> {
    if (this.#worker === null) return Promise.reject(gone());
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(++this.#lastId, waiting);
    this.#post({ kind: "ask", id: this.#lastId, question });
    return waiting.promise;
  }

  #post(message: ToThread): void {
    // In the order in which things happened: a snapshot is of after the output that was sent before it was asked for.
    this.#gathered.flush();
    this.#worker?.postMessage(message);
  }

  #heard(message: FromThread): void {
    switch (message.kind) {
      case "answered":
        return this.#settle(message.id)?.resolve(message.value);
      case "failed": {
        const { code, message: text, hint } = message.error;
        return this.#settle(message.id)?.reject(new KmError(code, text, hint === undefined ? {} : { hint }));
      }
      case "stopped":
        return this.#ended("it was stopped");
      default:
        return this.#options.onNews(message);
    }
  }

  /** False: the store refuses for now. What it is about may have been removed meanwhile, and then it is done. */
  async #isDone(record: () => Promise<unknown>): Promise<boolean> {
    try {
      await record();
      return true;
    } catch (error) {
      return this.#isClosing || !(error instanceof KmError) || !error.code.startsWith("store_");
    }
  }

  #settle(id: number): PromiseWithResolvers<unknown> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #ended(reason: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
    if (this.#stopped !== null) return this.#stopped.resolve();
    this.#restart = setTimeout(() => {
      this.#start();
      this.#options.onRestart(reason);
    }, RESTART_MS);
  }
}

async function inTime(work: Promise<void>, ms: number): Promise<void> {
  const tooLong = Promise.withResolvers<void>();
  const timer = setTimeout(tooLong.resolve, ms);
  await Promise.race([work, tooLong.promise]);
  clearTimeout(timer);
}

function gone(): KmError {
  return new KmError("store_unavailable", "Cannot use sessions: km serve is stopping or their thread ended", {
    hint: 'see "km logs"; start "km serve" again',
  });
}
