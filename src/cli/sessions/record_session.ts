/** What `km sessions record` does. @module */
import { resolve } from "node:path";
import type { SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { hasEnded } from "../../core/session.ts";
import { ENDING_SIGNALS, onSignal } from "../../proc/signals.ts";
import { cannotWrite, writeError } from "../terminal.ts";
import { answerOf } from "./api_answer.ts";
import { askWait, CROWDED_MS, MAX_ASKED_S, type Pause, pause } from "./ask_wait.ts";
import type { AttachOptions } from "./attach_session.ts";
import { connectSessions, type DaemonClient } from "./daemon_client.ts";
import { writeRecording } from "./export_session.ts";
import { findOne } from "./find_one.ts";
import { runAndTell } from "./run_session.ts";

export interface RecordFlags extends AttachOptions {
  readonly force: boolean;
}

/** Records; returns the exit code. @throws {KmError} */
export async function recordSession(words: readonly string[], flags: RecordFlags): Promise<number> {
  const at = words.indexOf("--");
  const [first = "", second, extra] = at < 0 ? words : words.slice(0, at);
  if (at < 0) {
    if (second === undefined || extra !== undefined) throw usage();
    return await recordRunning(first, fileOf(second, flags.force));
  }
  if (first === "" || second !== undefined || words.length === at + 1) throw usage();
  const path = fileOf(first, flags.force);
  const run = { name: undefined, cwd: undefined, fullAccess: false, resume: undefined, detached: false };
  const { code, session, daemon } = await runAndTell(
    { ...flags, ...run, size: undefined, json: false },
    words.slice(at),
  );
  await finish(daemon, session.id, path);
  return code;
}

async function recordRunning(ref: string, path: string): Promise<number> {
  const daemon = await connectSessions();
  const session = await findOne(daemon, ref);
  if (!hasEnded(session.state)) {
    writeError(`km: recording session ${session.number} until it ends; Ctrl-C writes the file before\n`);
    await endOrSignal(daemon, session);
  }
  await finish(daemon, session.id, path);
  return 0;
}

async function endOrSignal(daemon: DaemonClient, { id }: SessionBody): Promise<void> {
  const stop = new AbortController();
  for (const [signal] of ENDING_SIGNALS) onSignal(signal, () => stop.abort());
  await untilEnded(daemon, id, stop.signal);
}

/** Settles when the session has ended, or with `signal`. @throws {KmError} when nobody can say any more */
export async function untilEnded(
  daemon: DaemonClient,
  id: string,
  signal: AbortSignal,
  rest: Pause = pause,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await askWait(daemon, id, { states: ["exited", "lost"], timeoutS: MAX_ASKED_S, signal });
      if (answer instanceof KmError) await rest(CROWDED_MS, signal);
      else if (answer !== null) return;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** What is recorded may still be on its way into the database. */
async function finish(daemon: DaemonClient, id: string, path: string): Promise<void> {
  const { seq, number } = await answerOf<SessionBody>(
    daemon.client.api.sessions[":id"].$get({ param: { id } }),
  );
  await writeRecording(id, seq, path);
  writeError(`km: session ${number} is recorded in ${path}\n`);
}

/** The full path of a file that can be written: at the end it would be too late to find out. @throws {KmError} usage when it is there */
function fileOf(path: string, force: boolean): string {
  const full = resolve(path);
  const there = lookAt(full);
  if (there !== null && !force) {
    throw new KmError("usage", `Cannot record into "${path}": there is such a file`, {
      hint: "--force writes over it",
    });
  }
  // What is no file (a pipe, a device) may wait for somebody, or tell somebody that it is over.
  if (there === null || there.isFile || there.isDirectory) tryToWrite(full, there === null);
  return full;
}

function lookAt(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw cannotWrite(`"${path}"`, error);
  }
}

/** Leaves everything as it was. @throws {KmError} */
function tryToWrite(path: string, isNew: boolean): void {
  try {
    Deno.openSync(path, { write: true, create: isNew }).close();
    // Where a link leads that led nowhere before.
    if (isNew) Deno.removeSync(Deno.realPathSync(path));
  } catch (error) {
    throw cannotWrite(`"${path}"`, error);
  }
}

function usage(): KmError {
  return new KmError(
    "usage",
    '"km sessions record" needs a session and a file, or a file, "--" and a program',
    {
      hint: 'see "km sessions record --help"',
    },
  );
}
