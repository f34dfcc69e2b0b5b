/** A task of a provider without structured mode: a session is started, the prompt typed in when it is idle, and what stands below it then is the result. @module */
import { redactText } from "../../core/redact.ts";
import { hasEnded, type SessionCommand } from "../../core/session.ts";
import type { Sessions } from "../sessions.ts";
import type { SessionView } from "../viewer.ts";
import { StopRun, type TaskOutcome, type TaskRun } from "./task_run.ts";

/** Waits are asked for again after this long, in ms: a timer takes no more than 24 days. */
const WAIT_MS = 24 * 3600 * 1000;
/** States in which a person is needed. */
const WAITING = ["waiting_approval", "waiting_input", "auth_required"];

/** @throws {KmError} as `Sessions.start()` and `send()` */
export async function runInSession(run: TaskRun, sessions: Sessions): Promise<TaskOutcome> {
  const { task, stop } = run;
  const caller = { name: task.createdBy, via: "km" };
  stop.throwIfAborted();
  const { id, number } = await sessions.start({
    provider: task.provider,
    args: task.args,
    cwd: task.cwd,
    fullAccess: task.fullAccess,
    env: run.env,
  }, caller);
  run.change({ sessionId: id, reason: `runs in session ${number}` });
  const fate: { command?: SessionCommand } = {};
  const off = sessions.onEvent((changed, event) => {
    if (changed !== id) return;
    if (event.event === "command" && event.command.id === task.id) fate.command = event.command;
    if (event.event !== "state") return;
    const { state, stateReason } = event.session;
    run.change({
      reason: WAITING.includes(state)
        ? `session ${number} waits for you: ${stateReason}`
        : `runs in session ${number}`,
    });
  });
  let isOver = false;
  try {
    stop.throwIfAborted();
    const ready = await idle(sessions, id, stop);
    if (hasEnded(ready.state)) return ended(ready);
    const before = await screenLines(sessions, id);
    stop.throwIfAborted();
    await sessions.send(id, { id: task.id, text: task.prompt }, caller);
    let after = await idle(sessions, id, stop);
    const { command } = fate;
    if (command?.state === "failed" && !hasEnded(after.state)) {
      return {
        state: "failed",
        reason: `the prompt was not taken: ${command.outcome ?? "nobody knows why"}`,
      };
    }
    // On the screen secrets are masked.
    const prompt = redactText(task.prompt);
    const read = async (): Promise<string> => textAfter(prompt, before, await screenLines(sessions, id));
    let result = await read();
    if (result === "" && !hasEnded(after.state)) {
      // It looks as it did before: it has nothing to say, or has not begun yet.
      await stirred(sessions, id, stop);
      after = await idle(sessions, id, stop);
      result = await read();
    }
    isOver = true;
    if (hasEnded(after.state)) return { ...ended(after), result };
    return { state: "done", reason: after.stateReason, result, conversationId: after.resumeId };
  } finally {
    off();
    await leave(run, sessions, id, isOver).catch((error) => {
      run.log.add({ kind: "error", text: `session ${number} could not be ended: ${error.message}` });
    });
  }
}

/** Ends the session, unless it is to be kept: then what it does is only interrupted. */
async function leave(
  { task, provider, stop }: TaskRun,
  sessions: Sessions,
  id: string,
  isOver: boolean,
): Promise<void> {
  if (stop.reason instanceof StopRun && stop.reason.isHasty) return; // All sessions are about to be ended.
  const { state } = await sessions.get(id);
  if (hasEnded(state)) return;
  const caller = { name: task.createdBy, via: "km" };
  if (!task.keepsSession) await sessions.end(id, caller);
  else if (!isOver) await sessions.input(id, new TextEncoder().encode(provider.interrupt));
}

/** Settles when it is idle and has nothing left to do, or has ended. @throws the reason of `stop` */
async function idle(sessions: Sessions, id: string, stop: AbortSignal): Promise<SessionView> {
  for (;;) {
    const view = await sessions.wait(id, { states: ["idle"], timeoutMs: WAIT_MS, signal: stop });
    stop.throwIfAborted();
    if (view !== null) return view;
  }
}

/** How long a program that shows nothing new may take until that counts as its answer, in ms. */
const SETTLE_MS = 2000;

/** Settles when the state of the session changes, after `SETTLE_MS`, or with `stop`. */
async function stirred(sessions: Sessions, id: string, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const news = Promise.withResolvers<void>();
  const off = sessions.onEvent((changed, { event }) => {
    if (changed === id && event === "state") news.resolve();
  });
  const timer = setTimeout(news.resolve, SETTLE_MS);
  const abort = (): void => news.resolve();
  stop.addEventListener("abort", abort, { once: true });
  await news.promise;
  stop.removeEventListener("abort", abort);
  clearTimeout(timer);
  off();
}

function ended({ stateReason, number, exitCode }: SessionView): TaskOutcome {
  return { state: "failed", reason: `session ${number} ended before it was idle: ${stateReason}`, exitCode };
}

async function screenLines(sessions: Sessions, id: string): Promise<string[]> {
  const screen = await sessions.screen(id, "text", true).catch(() => ""); // Its terminal is gone: there is nothing to read.
  const lines = Array.isArray(screen) ? screen.map(String) : String(screen).split("\n");
  return lines.map((line) => line.trimEnd());
}

/** Characters of a line of the prompt by which it is found again: the terminal may break it further on. */
const FOUND_BY_CHARS = 40;

/**
 * The rows that came below the prompt. `before` are those of the session when it was new and idle: what stood at its end, a prompt or a box to type
 * in, stands there again and is no answer.
 */
export function textAfter(prompt: string, before: readonly string[], after: readonly string[]): string {
  const [rows, idleRows] = [withoutBlankEnd(after), withoutBlankEnd(before)];
  const same = rows.findIndex((row, at) => row !== idleRows[at]);
  const from = promptEnd(prompt, rows, Math.max(0, same));
  while (rows.length > from && rows.at(-1) === idleRows.at(-1)) {
    rows.pop();
    idleRows.pop();
  }
  return rows.slice(from).join("\n").replace(/^\n+|\s+$/g, "");
}

/** The row behind the prompt, as it stands from row `from` on; `from` when it cannot be found. */
function promptEnd(prompt: string, rows: readonly string[], from: number): number {
  const lines = prompt.trim().split("\n").map((line) => line.trim().slice(0, FOUND_BY_CHARS));
  const [first = "", last = ""] = [lines[0], lines.at(-1)];
  const start = rows.findIndex((row, at) => at >= from && row.includes(first));
  if (start < 0) return from;
  const end = start + lines.length - 1;
  const found = rows.findIndex((row, at) => at >= end && row.includes(last));
  return Math.max(end, found) + 1;
}

function withoutBlankEnd(rows: readonly string[]): string[] {
  return rows.slice(0, rows.findLastIndex((row) => row !== "") + 1);
}
