/** All tasks of a home: taken, queued, run a few at a time, cancelled, waited for. What is queued survives km; what ran does not, and says so. @module */
import { systemClock } from "../../core/clock.ts";
import { durationWords } from "../../core/duration.ts";
import { KmError } from "../../core/error.ts";
import { IdMaker } from "../../core/id.ts";
import { redactText } from "../../core/redact.ts";
import { isTaskOver, type Task, type TaskEvent } from "../../core/task.ts";
import type { SessionWatcher } from "../../proc/session_watcher.ts";
import { TASK_LIMITS } from "../../store/session_limits.ts";
import type { TaskChanges } from "../../store/task_rows.ts";
import type { TaskQuery } from "../../store/task_store.ts";
import type { Provider } from "../providers/provider.ts";
import type { SessionRecord } from "../record.ts";
import type { Sessions } from "../sessions.ts";
import type { Caller } from "../start_options.ts";
import { writeAudit } from "../write_audit.ts";
import { ChangeQueue } from "./change_queue.ts";
import { runInSession } from "./session_run.ts";
import { runStructured } from "./structured_run.ts";
import { TaskLog } from "./task_log.ts";
import { makeTask, providerOf, type TaskOptions } from "./task_options.ts";
import { StopRun, type TaskOutcome, type TaskRun } from "./task_run.ts";

export interface TasksDeps {
  readonly record: SessionRecord;
  readonly sessions: Sessions;
  /** Ends what runs when km is gone. */
  readonly watcher: Pick<SessionWatcher, "add" | "remove" | "listFile">;
  readonly providers: () => ReadonlyMap<string, Provider>;
  /** What is wrong with those of the user. */
  readonly providerProblems?: () => readonly string[];
  /** Takes what the user has written into the config file a moment ago. */
  readonly lookAtConfig?: () => Promise<void>;
  readonly environment: () => Readonly<Record<string, string>>;
  readonly limits: () => TaskLimits;
  readonly log: (line: string) => void;
}

export interface TaskLimits {
  /** Most that run at once. */
  readonly maxParallel: number;
  /** Most that wait. */
  readonly maxQueued: number;
}

export type TaskListener = (task: Task) => void;

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export class Tasks implements AsyncDisposable {
  readonly #deps: TasksDeps;
  readonly #ids = new IdMaker();
  /** Ids, in order. */
  #queue: string[] = [];
  /** What those in the queue were given of environment, by id: never stored, for it may hold keys. */
  readonly #env = new Map<string, Readonly<Record<string, string>>>();
  #submitting = 0;
  readonly #running = new Map<string, Running>();
  readonly #listeners = new Set<TaskListener>();
  readonly #loaded: Promise<void>;
  #isStopping = false;
  readonly #stopping = Promise.withResolvers<void>();

  /** Goes on with what was queued when km ended. */
  constructor(deps: TasksDeps) {
    this.#deps = deps;
    this.#loaded = this.#load();
  }

  /** Calls `listener` with each task that has changed. */
  onChange(listener: TaskListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a task; one whose key is known is that task, as it is now. @throws {KmError} usage, not_found, busy, store_… */
  async submit(
    options: TaskOptions,
    caller: Caller,
  ): Promise<{ readonly task: Task; readonly isNew: boolean }> {
    await this.#deps.lookAtConfig?.();
    const id = this.#ids.next(systemClock.nowUs());
    const made = makeTask(options, {
      caller,
      id,
      providers: this.#deps.providers(),
      problems: this.#problems,
    });
    await this.#deps.sessions.mustBeRecovered();
    await this.#loaded;
    const known = made.key === null ? null : await this.#byKey(made.key);
    if (known !== null) return { task: known, isNew: false };
    this.#admit();
    this.#submitting++;
    try {
      const task = await this.#deps.record.record("insertTask", made);
      if (task.id !== id) return { task, isNew: false };
      await writeAudit(this.#deps.record, caller, {
        action: task.fullAccess ? "task.submit.full_access" : "task.submit",
        subject: task.id,
        detail: `${task.provider} in ${task.cwd}`,
      });
      await this.#append(task.id, `queued by ${caller.name}`);
      if (options.env !== undefined) this.#env.set(task.id, options.env);
      this.#queue.push(task.id);
      this.#tell(task);
      return { task, isNew: true };
    } finally {
      this.#submitting--;
      this.pump();
    }
  }

  /** One task, by id, number, key or the beginning of an id. @throws {KmError} not_found, ambiguous, store_… */
  async get(ref: string): Promise<Task> {
    return await this.#deps.record.record("findTask", ref);
  }

  /** Newest first; of prompts and results the beginnings. */
  async list(query: TaskQuery): Promise<Task[]> {
    return await this.#deps.record.record("listTasks", query);
  }

  /** What happened in it, in order. @throws {KmError} not_found, ambiguous */
  async events(ref: string, page: { readonly after?: number; readonly limit: number }): Promise<TaskEvent[]> {
    const { id } = await this.get(ref);
    return await this.#deps.record.record("taskEvents", id, page);
  }

  /** Takes a task back, or ends it; settles when nothing of it runs. One that is over stays as it is. @throws {KmError} not_found */
  async cancel(ref: string, caller: Caller): Promise<Task> {
    await this.#deps.sessions.mustBeRecovered();
    await this.#loaded;
    const { id, state } = await this.get(ref);
    if (isTaskOver(state)) return await this.get(id);
    await writeAudit(this.#deps.record, caller, { action: "task.cancel", subject: id, detail: "" });
    const reason = `cancelled by ${caller.name}`;
    const running = this.#running.get(id);
    if (running) {
      running.stop.abort(new StopRun("cancelled", reason));
      await running.ended;
    } else if (this.#queue.includes(id)) {
      this.#queue = this.#queue.filter((queued) => queued !== id);
      this.#env.delete(id);
      await this.#append(id, reason);
      await this.#change(id, { state: "cancelled", reason, endedUs: systemClock.nowUs() });
    }
    return await this.get(id);
  }

  /** Settles when the task is over; null after `timeoutMs`. @throws {KmError} not_found */
  async wait(
    ref: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<Task | null> {
    const { id } = await this.get(ref);
    const found = Promise.withResolvers<Task | null>();
    const giveUp = (): void => found.resolve(null);
    const timer = setTimeout(giveUp, options.timeoutMs);
    options.signal?.addEventListener("abort", giveUp, { once: true });
    if (options.signal?.aborted) giveUp();
    const off = this.onChange((task) => {
      if (task.id === id && isTaskOver(task.state)) found.resolve(task);
    });
    try {
      const task = await this.get(id); // It may have ended before anybody listened.
      return isTaskOver(task.state) ? task : await found.promise;
    } finally {
      off();
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Starts what waits, as far as there is room: after a setting has changed, too. */
  pump(): void {
    const { maxParallel } = this.#deps.limits();
    while (!this.#isStopping && this.#running.size < maxParallel) {
      const id = this.#queue.shift();
      if (id === undefined) return;
      const stop = new AbortController();
      const ended = this.#run(id, stop.signal).catch((error) => {
        this.#deps.log(`cannot store what became of a task: ${wordsOf(error)}`);
      }).finally(() => {
        this.#running.delete(id);
        this.#env.delete(id);
        this.pump();
      });
      this.#running.set(id, { stop, ended });
    }
  }

  /** Ends what runs, which is then failed; what waits goes on waiting, in the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.#stopping.resolve();
    const stopped = new StopRun("failed", "km serve was stopped while it ran", true);
    for (const { stop } of this.#running.values()) stop.abort(stopped);
    await this.#loaded;
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  get #problems(): readonly string[] {
    return this.#deps.providerProblems?.() ?? [];
  }

  async #load(): Promise<void> {
    try {
      await Promise.race([this.#deps.sessions.recovered, this.#stopping.promise]);
      if (this.#isStopping) return;
      const waiting = await this.#deps.record.record("queuedTasks");
      this.#queue = [...waiting.map(({ id }) => id), ...this.#queue];
    } catch (error) {
      this.#deps.log(`cannot go on with the tasks that wait: ${wordsOf(error)}`);
    }
    this.pump();
  }

  async #byKey(key: string): Promise<Task | null> {
    const found = await this.get(key).catch((error) => {
      if (error instanceof KmError && (error.code === "not_found" || error.code === "ambiguous")) return null;
      throw error;
    });
    return found?.key === key ? found : null;
  }

  /** @throws {KmError} busy */
  #admit(): void {
    const { maxQueued } = this.#deps.limits();
    if (this.#queue.length + this.#submitting < maxQueued) return;
    throw new KmError("busy", `Cannot take a task: ${maxQueued} wait already`, {
      hint: 'wait until some are done, or raise the setting "tasks.maxParallel"',
    });
  }

  async #run(id: string, stop: AbortSignal): Promise<void> {
    const queued = await this.get(id);
    const log = new TaskLog(this.#deps.record, id);
    const startedUs = systemClock.nowUs();
    // Stored before anything is started: after a kill -9 it is known that it ran, and it is never run twice unasked.
    const task = await this.#change(id, {
      state: "running",
      reason: "runs",
      startedUs,
      attempts: queued.attempts + 1,
    });
    log.add({ kind: "state", text: `running with ${task.provider}` });
    const changes = new ChangeQueue((changes) => this.#changeIfPossible(id, changes));
    const outcome = await this.#outcome(task, log, changes, stop);
    log.add({
      kind: "state",
      text: outcome.reason === outcome.state ? outcome.state : `${outcome.state}: ${outcome.reason}`,
    });
    await log.flush().catch((error) =>
      this.#deps.log(`cannot store the history of a task: ${wordsOf(error)}`)
    );
    await this.#finish(id, { ...await changes.end(), ...outcome, endedUs: systemClock.nowUs() });
  }

  /** Stores the end; what is too much for a store in trouble is left out before the end itself is. */
  async #finish(id: string, { state, reason, endedUs, ...details }: TaskChanges): Promise<void> {
    const end = { ...state && { state }, ...reason && { reason }, ...endedUs && { endedUs } };
    try {
      await this.#change(id, { ...end, ...details });
    } catch (error) {
      this.#deps.log(`cannot store the result of a task: ${wordsOf(error)}`);
      await this.#change(id, end);
    }
  }

  async #outcome(
    task: Task,
    log: TaskLog,
    changes: ChangeQueue,
    stopped: AbortSignal,
  ): Promise<TaskChanges & Pick<Task, "state" | "reason">> {
    const late = new AbortController();
    const { timeoutMs } = task;
    const timer = timeoutMs === null ? undefined : setTimeout(
      () => late.abort(new StopRun("failed", `it ran longer than ${durationWords(timeoutMs)}`)),
      timeoutMs,
    );
    const stop = AbortSignal.any([stopped, late.signal]);
    const reason = (): StopRun | null => stop.reason instanceof StopRun ? stop.reason : null;
    try {
      const outcome = await this.#work(task, log, changes, stop);
      const halt = reason();
      return halt === null ? outcome : { ...outcome, state: halt.state, reason: halt.reason };
    } catch (error) {
      return { state: reason()?.state ?? "failed", reason: reason()?.reason ?? wordsOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  async #work(task: Task, log: TaskLog, changes: ChangeQueue, stop: AbortSignal): Promise<TaskOutcome> {
    const provider = providerOf(task.provider, this.#deps.providers(), this.#problems);
    const env = this.#env.get(task.id) ?? {};
    const run: TaskRun = { task, provider, env, log, stop, change: (change) => changes.add(change) };
    return provider.structured === null
      ? await runInSession(run, this.#deps.sessions)
      : await runStructured(run, provider.structured, this.#deps);
  }

  async #changeIfPossible(id: string, changes: TaskChanges): Promise<void> {
    await this.#change(id, changes).catch((error) =>
      this.#deps.log(`cannot store a task: ${wordsOf(error)}`)
    );
  }

  /** Stores what has changed, and tells everybody. Returns the task as it is then. */
  async #change(id: string, changes: TaskChanges): Promise<Task> {
    const { reason, result, conversationId } = changes;
    await this.#deps.record.record("updateTask", id, {
      ...changes,
      ...(conversationId && conversationId.length > TASK_LIMITS.conversationChars &&
        { conversationId: null }),
      ...(reason !== undefined && { reason: redactText(reason.slice(0, 4096)) }),
      ...(typeof result === "string" && { result: redactText(result) }),
    });
    const task = await this.get(id);
    this.#tell(task);
    return task;
  }

  #tell(task: Task): void {
    for (const listener of [...this.#listeners]) listener(task);
  }

  async #append(id: string, text: string): Promise<void> {
    await this.#deps.record.record("appendTaskEvents", id, [{
      timeUs: systemClock.nowUs(),
      kind: "state",
      text,
    }]);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof KmError) {
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
  return error instanceof Error ? error.message : String(error);
}
