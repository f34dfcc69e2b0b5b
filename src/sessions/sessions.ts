/** All sessions of a home: started, watched, typed into, waited for, ended. The one place that the API, tasks and agents ask. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { IdMaker } from "../core/id.ts";
import { hasEnded, type Session, type SessionCommand, type TerminalSize } from "../core/session.ts";
import { shellWords } from "../core/shell_words.ts";
import type { PtyExit, Ptys } from "../proc/pty.ts";
import type { SessionWatcher } from "../proc/session_watcher.ts";
import type { SessionQuery } from "../store/session_reader.ts";
import type { RecoveryReport } from "../store/session_recovery.ts";
import { CommandQueue } from "./command_queue.ts";
import { LiveSession } from "./live_session.ts";
import type { Provider } from "./providers/provider.ts";
import { Recovery } from "./recovery.ts";
import { hookFilesIn, type Prepared, prepareStart, removeHookFiles, removeIfThere } from "./prepare_start.ts";
import { mustBeResumable, type ResumeOptions, resumeOptions } from "./resume.ts";
import { type BookEntry, SessionBook, type SessionLimits, viewOf } from "./session_book.ts";
import { SessionsThread, type ThreadNews } from "./sessions_thread.ts";
import type { Caller, StartOptions } from "./start_options.ts";
import { attachmentToStored, cancelStored, viewOfStored } from "./stored_session.ts";
import type { ScreenFormat, ThreadSettings } from "./thread_messages.ts";
import { applyNews } from "./thread_news.ts";
import { startAgain } from "./user_arguments.ts";
import type {
  Attachment,
  AttachOptions,
  SessionEvent,
  SessionListener,
  SessionView,
  Viewer,
} from "./viewer.ts";
import { waitForState, type WaitOptions } from "./wait_for_state.ts";
import { type AuditedAction, writeAudit } from "./write_audit.ts";

/** Programs have this long between SIGHUP, SIGTERM and SIGKILL when the daemon stops, in ms: a stop takes 5 s at most. */
const STOP_GRACE_MS = 1000;
/** How long the state may come after what it tells of, in ms. */
const STATE_MS = 2000;

export interface SessionsDeps {
  /** What runs in the sessions thread; another one in tests. */
  readonly worker?: URL;
  readonly ptys: Ptys;
  readonly watcher: SessionWatcher;
  /** Folder for what agents' hooks write, in the home. */
  readonly hooksFolder: string;
  readonly settings: () => ThreadSettings;
  readonly limits: () => SessionLimits;
  readonly providers: () => ReadonlyMap<string, Provider>;
  /** What is wrong with those of the user. */
  readonly providerProblems?: () => readonly string[];
  /** Takes what the user has written into the config file a moment ago. */
  readonly lookAtConfig?: () => Promise<void>;
  readonly environment: () => Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export class Sessions implements AsyncDisposable {
  readonly #deps: SessionsDeps;
  readonly #thread: SessionsThread;
  readonly #ids = new IdMaker();
  readonly #book: SessionBook;
  readonly #listeners = new Set<SessionListener>();
  readonly #recovery: Recovery;
  #isStopping = false;
  readonly #resuming = new Set<string>();

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#book = new SessionBook(deps.limits);
    this.#thread = new SessionsThread({
      ...(deps.worker !== undefined && { worker: deps.worker }),
      settings: deps.settings,
      onNews: (news) => this.#heard(news),
      onRestart: (reason) => this.#watchAgain(reason),
    });
    this.#recovery = new Recovery({ record: this.#thread, log: deps.log });
    const left = hookFilesIn(deps.hooksFolder);
    this.#recovery.report.then(() => left.forEach(removeIfThere), () => {}); // Its log tells of a refusal.
  }

  /** What the last end left, and what was done about it. */
  get recovered(): Promise<RecoveryReport> {
    return this.#recovery.report;
  }

  /** Settles when something may be started. @throws {KmError} store_… while what the last end left could not be looked after */
  async mustBeRecovered(): Promise<void> {
    await this.#recovery.mustBeDone();
  }

  /** The store of sessions and tasks. */
  get record(): SessionsThread {
    return this.#thread;
  }

  /** What sessions can run, and what of the daemon's environment they choose theirs from. */
  get programs(): {
    readonly providers: ReadonlyMap<string, Provider>;
    readonly environment: Readonly<Record<string, string>>;
  } {
    return { providers: this.#deps.providers(), environment: this.#deps.environment() };
  }

  /** What lives, and what has ended a moment ago. */
  get live(): SessionView[] {
    return this.#book.entries.map(viewOf);
  }

  onEvent(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts a session. @throws {KmError} usage, not_found, command_not_found, busy, unsupported, store_… */
  async start(options: StartOptions, caller: Caller): Promise<SessionView> {
    await this.mustBeRecovered();
    await this.#deps.lookAtConfig?.();
    const release = this.#book.admit(caller.name);
    try {
      const prepared = await prepareStart(options, {
        caller,
        id: this.#ids.next(systemClock.nowUs()),
        providers: this.#deps.providers(),
        providerProblems: this.#deps.providerProblems?.() ?? [],
        environment: this.#deps.environment(),
        hooksFolder: this.#deps.hooksFolder,
        isNameTaken: (name) => this.#book.isNameTaken(name),
      });
      return await this.#begin(prepared, caller, release).catch((error) => {
        if (prepared.hooksFile !== null) removeHookFiles(prepared.hooksFile);
        throw error;
      });
    } finally {
      release();
    }
  }

  /** One session, by id, number, name or the beginning of an id. @throws {KmError} not_found, ambiguous, store_… */
  async get(ref: string): Promise<SessionView> {
    const kept = this.#book.find(ref);
    if (kept) return viewOf(kept);
    const session = await this.#thread.record("findSession", ref);
    // A beginning of an id may mean one that lives.
    const again = this.#book.byId(session.id);
    if (again) return viewOf(again);
    return this.#storedView(session, await this.#thread.record("queuedCounts"));
  }

  /** Newest first; those that live come from memory, the others from the store. */
  async list(options: SessionQuery): Promise<SessionView[]> {
    const [stored, queued] = await Promise.all([
      this.#thread.record("listSessions", options),
      this.#thread.record("queuedCounts"),
    ]);
    return stored.map((session) => {
      const kept = this.#book.byId(session.id);
      return kept ? viewOf(kept) : this.#storedView(session, queued);
    });
  }

  /** Sends a command, to be typed in when the session is idle. @throws {KmError} not_found, session_ended, busy, store_… */
  async send(
    ref: string,
    command: { readonly id: string; readonly text: string },
    caller: Caller,
  ): Promise<SessionCommand> {
    const { queue } = await this.#living(ref);
    return await queue.add({ ...command, by: caller.name });
  }

  /** Takes a waiting command back, also one that waits for a resume. False: it does not wait. @throws {KmError} not_found, … */
  async cancelCommand(ref: string, commandId: string, caller: Caller): Promise<boolean> {
    const { id } = await this.get(ref);
    const kept = this.#book.byId(id);
    if (kept) return kept.queue.cancel(commandId, caller.name);
    const command = await cancelStored(this.#thread, { id, commandId, by: caller.name });
    if (command !== null) this.#tell(id, { event: "command", command });
    return command !== null;
  }

  /** Somebody has looked at it, without a viewer of ours. */
  async markSeen(ref: string): Promise<void> {
    const { id } = await this.get(ref);
    this.#book.byId(id)?.live.change({ seen: true });
    await this.#thread.record("updateSession", id, { seen: true });
  }

  /** Types bytes as they are. @throws {KmError} not_found, session_ended, busy */
  async input(ref: string, bytes: Uint8Array): Promise<void> {
    const { live } = await this.#living(ref);
    live.type(bytes);
  }

  async resize(ref: string, size: TerminalSize): Promise<void> {
    (await this.#living(ref)).live.resize(size);
  }

  async signal(ref: string, signal: Deno.Signal, caller: Caller): Promise<void> {
    const { live } = await this.#living(ref);
    await this.#auditIfPossible(caller, {
      action: "session.signal",
      subject: live.facts.id,
      detail: signal,
    });
    live.pty?.signal(signal);
  }

  /** Asks all who look at a session in a terminal of their own to leave it. */
  async askToLeave(ref: string, caller: Caller): Promise<void> {
    const { live } = await this.#living(ref);
    live.tell({ event: "leave", by: caller.name });
  }

  async screen(ref: string, format: ScreenFormat, scrollback = false): Promise<unknown> {
    const { number, id } = await this.get(ref);
    return await this.#thread.screen({ number, id }, format, scrollback);
  }

  /** Settles when the session is in one of `states` and no command of it is left to do; null after `timeoutMs`. */
  async wait(ref: string, options: WaitOptions): Promise<SessionView | null> {
    const view = await this.get(ref);
    const entry = this.#book.byId(view.id);
    // One way there and back: what was typed a moment ago is known by then, so that a prompt of before is not taken for the answer.
    if (entry) await this.#thread.mayType(view).catch(() => false);
    return entry ? await waitForState(entry, options, (listener) => this.onEvent(listener)) : view;
  }

  /** Starts a session that goes on with the conversation of an ended one, whose waiting commands go along. @throws {KmError} usage, unsupported, … */
  async resume(
    ref: string,
    options: ResumeOptions,
    caller: Caller,
  ): Promise<SessionView> {
    const old = await this.get(ref);
    const heir = this.#book.living.find(({ live }) => live.facts.resumedFrom === old.id);
    const goesOn = heir
      ? `session ${heir.live.facts.number}`
      : this.#resuming.has(old.id)
      ? "another one"
      : null;
    mustBeResumable(old, { heir: goesOn, again: this.#againHint(old) });
    const provider = this.#deps.providers().get(old.provider);
    this.#resuming.add(old.id);
    try {
      const { id } = await this.start(resumeOptions(old, options, provider), caller);
      await this.#thread.record("moveQueuedCommands", old.id, id);
      this.#book.byId(old.id)?.queue.giveAway();
      // Whoever goes on with it has seen its end. Everybody is told, of its queue, too.
      await this.markSeen(old.id);
      this.#book.byId(id)?.queue.restore(await this.#thread.record("queuedCommands", id));
      return await this.get(id);
    } finally {
      this.#resuming.delete(old.id);
    }
  }

  /** Ends the program: SIGHUP, SIGTERM, SIGKILL. Settles when it is gone. */
  async end(ref: string, caller: Caller): Promise<SessionView> {
    const { live } = await this.#living(ref);
    const { id, name } = live.facts;
    await this.#auditIfPossible(caller, { action: "session.end", subject: id, detail: name });
    live.ending();
    if (live.pty) await this.#deps.ptys.end(live.pty);
    // The state follows a moment later, from the other thread.
    return await this.wait(id, { states: [], timeoutMs: STATE_MS }) ?? await this.get(id);
  }

  /** Removes an ended session with all it left. @throws {KmError} usage while its program runs */
  async remove(ref: string, caller: Caller): Promise<void> {
    const { id, number, state } = await this.get(ref);
    if (!hasEnded(state)) {
      throw new KmError("usage", `Cannot remove session ${number}: its program runs`, {
        hint: `end it first: km sessions kill ${number}`,
      });
    }
    await writeAudit(this.#thread, caller, { action: "session.remove", subject: id, detail: "" });
    this.#forget(id);
    await this.#thread.record("deleteSession", id);
    this.#tell(id, { event: "removed" });
  }

  /** Shows a session to `viewer`; one that has ended shows its last screen. */
  async attach(
    ref: string,
    viewer: Viewer,
    options: AttachOptions,
  ): Promise<{ readonly session: SessionView; readonly attachment: Attachment }> {
    const view = await this.get(ref);
    const kept = this.#book.byId(view.id);
    if (!kept) {
      viewer.snapshot(await this.#thread.snapshot({ number: view.number, id: view.id }));
      return { session: view, attachment: attachmentToStored(view) };
    }
    if (viewer.mayWrite && !kept.live.facts.seen) this.#store(view.id, { seen: true });
    const attachment = kept.live.attach(viewer, options);
    return { session: viewOf(kept), attachment };
  }

  /** Ends all programs. Their sessions are lost, as after a kill: they can be resumed, and what waits for them goes on waiting. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.#recovery[Symbol.dispose]();
    const ends = await Promise.allSettled(this.#book.living.map(async ({ live, queue }) => {
      queue[Symbol.dispose]();
      live.ending();
      if (live.pty) await this.#deps.ptys.end(live.pty, { graceMs: STOP_GRACE_MS });
      const change = { state: "lost", reason: "km serve was stopped", source: "restart" } as const;
      await this.#thread.record("appendStateChange", live.facts.id, {
        ...change,
        timeUs: systemClock.nowUs(),
      });
      // Whoever looked at it has not seen this end: nobody is left to show it.
      await this.#thread.record("updateSession", live.facts.id, { seen: false });
    }));
    for (const end of ends) {
      if (end.status === "rejected") {
        this.#deps.log(`cannot store that a session was ended: ${String(end.reason)}`);
      }
    }
    await this.#deps.ptys[Symbol.asyncDispose]();
    this.#deps.watcher[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  /** `isThere` is called when it counts among those that live. */
  async #begin(prepared: Prepared, caller: Caller, isThere: () => void): Promise<SessionView> {
    const { session, provider, command, env, searchPath, hooksFile } = prepared;
    const facts = await this.#thread.record("insertSession", session);
    const live = new LiveSession(facts, provider, {
      thread: this.#thread,
      onChange: (changed) => this.#changed(changed),
    });
    const queue = new CommandQueue(live, {
      record: this.#thread,
      onChange: (changed) => this.#tell(facts.id, { event: "command", command: changed }),
      log: this.#deps.log,
      maxQueued: () => this.#deps.limits().maxQueue,
    });
    try {
      const action = session.fullAccess ? "session.start.full_access" : "session.start";
      await writeAudit(this.#thread, caller, {
        action,
        subject: session.id,
        detail: session.command.join(" "),
      });
      const pty = this.#deps.ptys.spawn({
        command,
        cwd: facts.cwd,
        env,
        size: facts.size,
        searchPath,
        listFile: this.#deps.watcher.listFile,
        onData: (bytes) => live.onData(bytes),
        onExit: (exit) => this.#exited(live, exit),
      });
      this.#deps.watcher.add(pty.pid);
      this.#book.add({ live, queue, hooksFile });
      isThere();
      this.#thread.begin({ session: facts, provider, hooksFile, fromSeq: 0 });
      live.begin(pty);
    } catch (error) {
      this.#thread.keep("deleteSession", facts.id);
      throw error;
    }
    // It runs now, whatever the store says.
    this.#thread.keep("updateSession", facts.id, { pid: live.pty?.pid ?? null });
    return live.view(queue.length);
  }

  #exited(live: LiveSession, exit: PtyExit): void {
    const { pid, id } = live.facts;
    if (pid !== null) this.#deps.watcher.remove(pid);
    live.onExit(exit);
    const kept = this.#book.byId(id);
    kept?.queue[Symbol.dispose]();
    const { endedUs } = live.facts;
    this.#thread.keep("updateSession", id, {
      endedUs,
      exitCode: exit.code,
      exitSignal: exit.signal,
      pid: null,
    });
  }

  /** Not before the state tells of the end: whoever waits for that is told. */
  #forgetOutdated(): void {
    for (const { live } of this.#book.outdated) this.#forget(live.facts.id);
  }

  #forget(id: string): void {
    const entry = this.#book.remove(id);
    if (entry) this.#thread.forget(entry.live.facts.number);
  }

  /** The thread was lost, with all terminals: programs go on, and are asked to draw themselves anew. */
  #watchAgain(reason: string): void {
    this.#deps.log(`the sessions thread ended and was started again: ${reason}`);
    for (const { live, hooksFile } of this.#book.entries) {
      // Its last picture is made from what was stored.
      if (hasEnded(live.state)) continue;
      const { seq: fromSeq } = live.facts;
      const heard = live.pty === null ? null : hooksFile;
      this.#thread.begin({ session: live.facts, provider: live.provider, hooksFile: heard, fromSeq });
      live.watchedAgain();
    }
  }

  #heard(news: ThreadNews): void {
    if (news.kind === "log") return this.#deps.log(news.line);
    if (news.kind === "parsed") {
      for (const [number, seq] of news.positions) this.#book.byNumber(number)?.live.parsed(seq);
      return;
    }
    const entry = this.#book.byNumber(news.number);
    // Not before the thread has done with them.
    if (entry?.hooksFile && news.kind === "state" && hasEnded(news.change.state)) {
      removeHookFiles(entry.hooksFile);
    }
    // At a stop all are lost, which is stored at the end of each: that it ended by a signal of ours is no news.
    if (!entry || (this.#isStopping && news.kind === "state")) return;
    applyNews(entry, news, {
      thread: this.#thread,
      tell: (id, event) => this.#tell(id, event),
      store: (id, changes) => this.#store(id, changes),
    });
    if (news.kind === "state" && hasEnded(news.change.state)) this.#forgetOutdated();
  }

  #store(id: string, changes: Partial<Pick<Session, "resumeId" | "seen">>): void {
    this.#thread.record("updateSession", id, changes).catch((error) =>
      this.#deps.log(`cannot store a session's facts: ${error.message}`)
    );
  }

  #changed(live: LiveSession): void {
    const kept = this.#book.byId(live.facts.id);
    if (kept) this.#tell(live.facts.id, { event: "session", session: viewOf(kept) });
  }

  #tell(id: string, event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(id, event);
  }

  async #living(ref: string): Promise<BookEntry> {
    const view = await this.get(ref);
    const { id, number, state, isResumable } = view;
    const kept = this.#book.byId(id);
    if (kept && !hasEnded(state) && kept.live.pty !== null) return kept;
    throw new KmError("session_ended", `Cannot do this with session ${number}: its program has ended`, {
      hint: kept?.live.canGoOn || isResumable
        ? `"km sessions resume ${number}" goes on with it`
        : this.#againHint(view),
    });
  }

  #againHint(ended: SessionView): string {
    const shell = this.#deps.environment()["SHELL"] ?? "/bin/sh";
    const again = startAgain(ended, { provider: this.#deps.providers().get(ended.provider), shell });
    return `start a new one in the same folder: cd ${shellWords([ended.cwd])} && ${again}`;
  }

  #storedView(session: Session, queued: ReadonlyMap<number, number>): SessionView {
    const queuedCommands = queued.get(session.number) ?? 0;
    return viewOfStored(session, { queuedCommands, provider: this.#deps.providers().get(session.provider) });
  }

  /** For what must be possible even if nothing can be written down: to end and to interrupt programs. */
  async #auditIfPossible(caller: Caller, done: AuditedAction): Promise<void> {
    await writeAudit(this.#thread, caller, done).catch((error) =>
      this.#deps.log(`cannot write down who did ${done.action} to session ${done.subject}: ${error.message}`)
    );
  }
}
