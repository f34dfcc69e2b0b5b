/** All sessions of a home: started, watched, typed into, waited for, ended. The one place that the API, tasks and agents ask. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { IdMaker } from "../core/id.ts";
import {
  hasEnded,
  isWaiting,
  type Session,
  type SessionCommand,
  type SessionState,
  type TerminalSize,
} from "../core/session.ts";
import type { PtyExit, Ptys } from "../proc/pty.ts";
import type { SessionWatcher } from "../proc/session_watcher.ts";
import type { SessionQuery } from "../store/session_reader.ts";
import type { RecoveryReport } from "../store/session_recovery.ts";
import { CommandQueue } from "./command_queue.ts";
import { LiveSession } from "./live_session.ts";
import type { Provider } from "./providers/provider.ts";
import { recoveryLines } from "./recovery_lines.ts";
import { type Prepared, prepareStart, removeHookFiles } from "./prepare_start.ts";
import { SessionsThread, type ThreadNews } from "./sessions_thread.ts";
import type { Caller, StartOptions } from "./start_options.ts";
import type { ScreenFormat, ThreadSettings } from "./thread_messages.ts";
import type { Attachment, SessionEvent, SessionListener, SessionView, Viewer } from "./viewer.ts";

/** An ended session keeps its terminal for who looks at it; the oldest of more than these lose theirs. */
const MAX_ENDED_TERMINALS = 8;
/** Programs have this long between SIGHUP, SIGTERM and SIGKILL when the daemon stops, in ms: a stop takes 5 s at most. */
const STOP_GRACE_MS = 1000;

export interface SessionsDeps {
  readonly ptys: Ptys;
  readonly watcher: SessionWatcher;
  /** Folder for what agents' hooks write, in the home. */
  readonly hooksFolder: string;
  readonly settings: () => ThreadSettings;
  readonly limits: () => SessionLimits;
  readonly providers: () => ReadonlyMap<string, Provider>;
  readonly environment: () => Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export interface SessionLimits {
  readonly max: number;
  readonly maxPerUser: number;
  readonly maxQueue: number;
}

interface Kept {
  readonly live: LiveSession;
  readonly queue: CommandQueue;
  readonly hooksFile: string | null;
}

export class Sessions implements AsyncDisposable {
  readonly #deps: SessionsDeps;
  readonly #thread: SessionsThread;
  readonly #ids = new IdMaker();
  readonly #kept = new Map<string, Kept>();
  readonly #byNumber = new Map<number, Kept>();
  readonly #listeners = new Set<SessionListener>();
  readonly #starting = new Map<string, number>();
  #isStopping = false;
  /** What the last end left, and what was done about it. */
  readonly recovered: Promise<RecoveryReport>;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#thread = new SessionsThread({
      settings: deps.settings,
      onNews: (news) => this.#heard(news),
      onRestart: (reason) => this.#watchAgain(reason),
    });
    this.recovered = this.#thread.record("recoverSessions", systemClock.nowUs());
    this.recovered.then(
      (report) => recoveryLines(report).forEach(deps.log),
      (error) => deps.log(`cannot look after earlier sessions: ${error.message}`),
    );
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
    return [...this.#kept.values()].map(viewOf);
  }

  onEvent(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts a session. @throws {KmError} usage, not_found, command_not_found, busy, unsupported, store_… */
  async start(options: StartOptions, caller: Caller): Promise<SessionView> {
    const release = this.#admit(caller);
    try {
      const prepared = await prepareStart(options, {
        caller,
        id: this.#ids.next(systemClock.nowUs()),
        providers: this.#deps.providers(),
        environment: this.#deps.environment(),
        hooksFolder: this.#deps.hooksFolder,
        isNameTaken: (name) => this.live.some((view) => view.name === name && !hasEnded(view.state)),
      });
      return await this.#begin(prepared, caller, release);
    } finally {
      release();
    }
  }

  /** One session, by id, number, name or the beginning of an id. @throws {KmError} not_found, ambiguous, store_… */
  async get(ref: string): Promise<SessionView> {
    const kept = this.#find(ref);
    if (kept) return viewOf(kept);
    const session = await this.#thread.record("findSession", ref);
    // A beginning of an id may mean one that lives.
    const again = this.#kept.get(session.id);
    return again ? viewOf(again) : this.#endedView(session);
  }

  /** Newest first; those that live come from memory, the others from the store. */
  async list(options: SessionQuery): Promise<SessionView[]> {
    const stored = await this.#thread.record("listSessions", options);
    return stored.map((session) => {
      const kept = this.#kept.get(session.id);
      return kept ? viewOf(kept) : this.#endedView(session);
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

  async cancelCommand(ref: string, commandId: string, caller: Caller): Promise<boolean> {
    return (await this.#living(ref)).queue.cancel(commandId, caller.name);
  }

  /** Somebody has looked at it, without a viewer of ours. */
  async markSeen(ref: string): Promise<void> {
    const { id } = await this.get(ref);
    this.#kept.get(id)?.live.change({ seen: true });
    await this.#thread.record("updateSession", id, { seen: true });
  }

  /** Types bytes as they are. @throws {KmError} not_found, session_ended, busy */
  async input(ref: string, bytes: Uint8Array): Promise<void> {
    const { live } = await this.#living(ref);
    live.write(bytes);
    this.#thread.typed(live.facts.number, bytes.includes(0x0d));
  }

  async resize(ref: string, size: TerminalSize): Promise<void> {
    (await this.#living(ref)).live.resize(size);
  }

  async signal(ref: string, signal: Deno.Signal, caller: Caller): Promise<void> {
    const { live } = await this.#living(ref);
    await this.#audit(caller, "session.signal", live.facts.id, signal);
    live.pty?.signal(signal);
  }

  async screen(ref: string, format: ScreenFormat, scrollback = false): Promise<unknown> {
    const { number, id } = await this.get(ref);
    return await this.#thread.screen({ number, id }, format, scrollback);
  }

  /** Settles when the session is in one of `states` and no command of it is left to do; null after `timeoutMs`. */
  async wait(
    ref: string,
    options: {
      readonly states: readonly SessionState[];
      readonly timeoutMs: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<SessionView | null> {
    const first = await this.get(ref);
    const isThere = (view: SessionView): boolean => {
      const kept = this.#kept.get(view.id);
      if (hasEnded(view.state)) return true;
      return options.states.includes(view.state) && (view.state !== "idle" || kept?.queue.isDone !== false);
    };
    if (isThere(first)) return first;
    const found = Promise.withResolvers<SessionView | null>();
    const timer = setTimeout(() => found.resolve(null), options.timeoutMs);
    const abort = () => found.resolve(null);
    options.signal?.addEventListener("abort", abort, { once: true });
    const off = this.onEvent((id) => {
      const kept = id === first.id ? this.#kept.get(id) : undefined;
      if (kept && isThere(viewOf(kept))) found.resolve(viewOf(kept));
    });
    try {
      return await found.promise;
    } finally {
      off();
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Starts a session that goes on with the conversation of an ended one, whose waiting commands go along. @throws {KmError} usage, unsupported, … */
  async resume(
    ref: string,
    options: { readonly fullAccess?: boolean; readonly size?: TerminalSize },
    caller: Caller,
  ): Promise<SessionView> {
    const old = await this.get(ref);
    if (!hasEnded(old.state)) {
      throw new KmError("usage", `Cannot resume session ${old.number}: its program runs`, {
        hint: `look at it with "km sessions attach ${old.number}"`,
      });
    }
    if (!old.isResumable || old.resumeId === null) {
      throw new KmError(
        "unsupported",
        `Cannot resume session ${old.number}: "${old.provider}" cannot go on with it`,
        {
          hint: `start a new one in the same folder: cd ${JSON.stringify(old.cwd)} && km run ${old.provider}`,
        },
      );
    }
    const view = await this.start({
      provider: old.provider,
      cwd: old.cwd,
      size: options.size ?? old.size,
      fullAccess: options.fullAccess ?? false,
      resumeId: old.resumeId,
      resumedFrom: old.id,
    }, caller);
    await this.#thread.record("moveQueuedCommands", old.id, view.id);
    this.#kept.get(view.id)?.queue.restore(await this.#thread.record("queuedCommands", view.id));
    return await this.get(view.id);
  }

  /** Ends the program: SIGHUP, SIGTERM, SIGKILL. Settles when it is gone. */
  async end(ref: string, caller: Caller): Promise<SessionView> {
    const { live } = await this.#living(ref);
    await this.#audit(caller, "session.end", live.facts.id, live.facts.name);
    live.ending();
    if (live.pty) await this.#deps.ptys.end(live.pty);
    return await this.get(live.facts.id);
  }

  /** Removes an ended session with all it left. @throws {KmError} usage while its program runs */
  async remove(ref: string, caller: Caller): Promise<void> {
    const { id, number, state } = await this.get(ref);
    if (!hasEnded(state)) {
      throw new KmError("usage", `Cannot remove session ${number}: its program runs`, {
        hint: `end it first: km sessions kill ${number}`,
      });
    }
    await this.#audit(caller, "session.remove", id, "");
    this.#forget(id);
    await this.#thread.record("deleteSession", id);
    this.#tell(id, { event: "removed" });
  }

  /** Shows a session to `viewer`; one that has ended shows its last screen. */
  async attach(
    ref: string,
    viewer: Viewer,
    options: { readonly since: number | null; readonly size: TerminalSize | null },
  ): Promise<{ readonly session: SessionView; readonly attachment: Attachment }> {
    const view = await this.get(ref);
    const kept = this.#kept.get(view.id);
    if (!kept) {
      viewer.snapshot(await this.#thread.snapshot({ number: view.number, id: view.id }));
      return { session: view, attachment: lookAtEnded(view) };
    }
    if (viewer.mayWrite && !kept.live.facts.seen) this.#store(kept.live, { seen: true });
    const attachment = kept.live.attach(viewer, options);
    return { session: viewOf(kept), attachment };
  }

  /** Ends all programs. Their sessions are lost, as after a kill: they can be resumed, and what waits for them goes on waiting. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    const living = [...this.#kept.values()].filter(({ live }) => live.pty !== null);
    await Promise.all(living.map(async ({ live, queue }) => {
      queue[Symbol.dispose]();
      live.ending();
      if (live.pty) await this.#deps.ptys.end(live.pty, { graceMs: STOP_GRACE_MS });
      const change = { state: "lost", reason: "km serve was stopped", source: "restart" } as const;
      await this.#thread.record("appendStateChange", live.facts.id, {
        ...change,
        timeUs: systemClock.nowUs(),
      });
    })).catch((error) => this.#deps.log(`cannot store that sessions were ended: ${error.message}`));
    await this.#deps.ptys[Symbol.asyncDispose]();
    this.#deps.watcher[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  /** Counts a session that is about to start. @throws {KmError} busy */
  #admit(caller: Caller): () => void {
    let isReleased = false;
    const { max, maxPerUser } = this.#deps.limits();
    const living = this.live.filter((view) => !hasEnded(view.state));
    const starting = [...this.#starting.values()].reduce((sum, count) => sum + count, 0);
    const own = this.#starting.get(caller.name) ?? 0;
    if (living.length + starting >= max) throw tooMany("sessions run", "sessions.max", max);
    if (living.filter(({ createdBy }) => createdBy === caller.name).length + own >= maxPerUser) {
      throw tooMany(`sessions of "${caller.name}" run`, "sessions.maxPerUser", maxPerUser);
    }
    this.#starting.set(caller.name, own + 1);
    return () => {
      const count = this.#starting.get(caller.name) ?? 0;
      if (isReleased) return;
      isReleased = true;
      if (count > 1) this.#starting.set(caller.name, count - 1);
      else this.#starting.delete(caller.name);
    };
  }

  /** `isThere` is called when it counts among those that live. */
  async #begin(prepared: Prepared, caller: Caller, isThere: () => void): Promise<SessionView> {
    const { session, provider, command, env, searchPath, hooksFile } = prepared;
    const facts = await this.#thread.record("insertSession", session);
    const { number } = facts;
    const action = session.fullAccess ? "session.start.full_access" : "session.start";
    await this.#audit(caller, action, session.id, session.command.join(" "));
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
      const pty = this.#deps.ptys.spawn({
        command,
        cwd: facts.cwd,
        env,
        size: facts.size,
        searchPath,
        onData: (bytes) => live.onData(bytes),
        onExit: (exit) => this.#exited(live, exit),
      });
      this.#deps.watcher.add(pty.pid);
      const kept: Kept = { live, queue, hooksFile };
      this.#kept.set(facts.id, kept);
      this.#byNumber.set(number, kept);
      isThere();
      this.#thread.begin({ session: facts, provider, hooksFile, fromSeq: 0 });
      live.begin(pty);
    } catch (error) {
      await this.#thread.record("deleteSession", facts.id);
      if (hooksFile !== null) await removeHookFiles(hooksFile);
      throw error;
    }
    await this.#thread.record("updateSession", facts.id, { pid: live.pty?.pid ?? null });
    return live.view(queue.length);
  }

  #exited(live: LiveSession, exit: PtyExit): void {
    const { pid, id } = live.facts;
    if (pid !== null) this.#deps.watcher.remove(pid);
    live.onExit(exit);
    const kept = this.#kept.get(id);
    kept?.queue[Symbol.dispose]();
    if (kept?.hooksFile) void removeHookFiles(kept.hooksFile);
    const { endedUs } = live.facts;
    this.#thread.record("updateSession", id, {
      endedUs,
      exitCode: exit.code,
      exitSignal: exit.signal,
      pid: null,
    })
      .catch((error) => this.#deps.log(`cannot store the end of a session: ${error.message}`));
    const ended = [...this.#kept.values()].filter(({ live }) => live.pty === null);
    for (const { live } of ended.slice(0, -MAX_ENDED_TERMINALS)) this.#forget(live.facts.id);
  }

  #forget(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    this.#byNumber.delete(kept.live.facts.number);
    this.#thread.forget(kept.live.facts.number);
  }

  /** The thread was lost, with all terminals: programs go on, and are asked to draw themselves anew. */
  #watchAgain(reason: string): void {
    this.#deps.log(`the sessions thread ended and was started again: ${reason}`);
    for (const { live, hooksFile } of this.#kept.values()) {
      if (live.pty === null) continue;
      this.#thread.begin({
        session: live.facts,
        provider: live.provider,
        hooksFile,
        fromSeq: live.facts.seq,
      });
      live.watchedAgain();
    }
  }

  #heard(news: ThreadNews): void {
    if (news.kind === "log") return this.#deps.log(news.line);
    if (news.kind === "parsed") {
      for (const [number, seq] of news.positions) this.#byNumber.get(number)?.live.parsed(seq);
      return;
    }
    const kept = this.#byNumber.get(news.number);
    if (!kept) return;
    const { live, queue } = kept;
    if (this.#isStopping && news.kind === "state") return;
    switch (news.kind) {
      case "reply":
        live.pty?.write(news.bytes);
        return;
      case "state": {
        const { state, reason, source, timeUs } = news.change;
        const seen = live.isLookedAt || (live.facts.seen && !isWaiting(state) && !hasEnded(state));
        live.change({ state, stateReason: reason, stateSource: source, stateSinceUs: timeUs, seen });
        if (isWaiting(state) || hasEnded(state)) this.#store(live, { seen });
        queue.stateChanged();
        this.#tell(live.facts.id, { event: "state", change: news.change, session: viewOf(kept) });
        return;
      }
      case "title":
        live.change({ title: news.title });
        this.#store(live, { title: news.title });
        return;
      case "paste":
        live.isBracketedPaste = news.isBracketed;
        return;
      case "conversation":
        live.change({ resumeId: news.resumeId });
        this.#store(live, { resumeId: news.resumeId });
        return;
      case "foreground":
        if (live.pty) this.#thread.foreground(news.number, live.pty.isForeground);
        return;
      case "notification":
        this.#tell(live.facts.id, { event: "notification", text: news.text });
        return;
    }
  }

  #store(live: LiveSession, changes: Partial<Pick<Session, "title" | "resumeId" | "size" | "seen">>): void {
    this.#thread.record("updateSession", live.facts.id, changes).catch((error) =>
      this.#deps.log(`cannot store a session's facts: ${error.message}`)
    );
  }

  #changed(live: LiveSession): void {
    const kept = this.#kept.get(live.facts.id);
    if (kept) this.#tell(live.facts.id, { event: "session", session: viewOf(kept) });
  }

  #tell(id: string, event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(id, event);
  }

  #find(ref: string): Kept | undefined {
    const number = /^\d+$/.test(ref) ? Number(ref) : -1;
    const exact = this.#kept.get(ref) ?? this.#byNumber.get(number);
    if (exact) return exact;
    const named = [...this.#kept.values()].filter(({ live }) => live.facts.name === ref);
    return named.find(({ live }) => !hasEnded(live.state)) ?? named.at(-1);
  }

  async #living(ref: string): Promise<Kept> {
    const { id, number, state } = await this.get(ref);
    const kept = this.#kept.get(id);
    if (kept && !hasEnded(state) && kept.live.pty !== null) return kept;
    throw new KmError("session_ended", `Cannot do this with session ${number}: its program has ended`, {
      hint: `"km sessions resume ${number}" goes on with it, where its provider can`,
    });
  }

  #endedView(session: Session): SessionView {
    const isResumable = session.resumeId !== null &&
      (this.#deps.providers().get(session.provider)?.resume ?? null) !== null;
    return { ...session, viewers: 0, queuedCommands: 0, sizeOwner: null, isResumable };
  }

  async #audit(caller: Caller, action: string, subject: string, detail: string): Promise<void> {
    await this.#thread.record("appendAudit", {
      timeUs: systemClock.nowUs(),
      who: caller.name,
      via: caller.via,
      action,
      subject,
      detail,
    });
  }
}

function viewOf({ live, queue }: Pick<Kept, "live" | "queue">): SessionView {
  return live.view(queue.length);
}

function lookAtEnded({ id, number }: SessionView): Attachment {
  return {
    sessionId: id,
    number,
    drained() {},
    discount() {},
    input() {
      throw new KmError("session_ended", `Cannot type into session ${number}: its program has ended`);
    },
    resize: () => false,
    detach() {},
  };
}

function tooMany(what: string, setting: string, most: number): KmError {
  return new KmError("busy", `Cannot start a session: ${most} ${what} already`, {
    hint: `end one (km sessions list), or raise the setting "${setting}"`,
  });
}
