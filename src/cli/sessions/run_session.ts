/** What `km run` does. @module */
import { resolve } from "node:path";
import type { SessionBody } from "../../client/session_socket.ts";
import { environment } from "../../config/environment.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { DEFAULT_SIZE, type TerminalSize } from "../../core/session.ts";
import { shellWords } from "../../core/shell_words.ts";
import { userArguments } from "../../sessions/user_arguments.ts";
import { commandNotFound } from "../../proc/command.ts";
import { missingProvider } from "../../sessions/providers/providers.ts";
import { findProgram } from "../find_program.ts";
import { jsonText } from "../json_text.ts";
import { writeError, writeLines } from "../terminal.ts";
import { answerOf } from "./api_answer.ts";
import { tellAttached, tellEnd } from "./attach_flags.ts";
import { type AttachOptions, attachSession } from "./attach_session.ts";
import { connectOrStart, type DaemonClient } from "./daemon_client.ts";
import { findOne } from "./find_one.ts";
import { localSize, requireTerminal } from "./local_terminal.ts";
import { handedOver } from "./handed_over.ts";
import { installHint, knownProviders, loadedProviders } from "./provider_hints.ts";

export interface RunFlags extends AttachOptions {
  readonly name: string | undefined;
  readonly cwd: string | undefined;
  readonly fullAccess: boolean;
  readonly resume: string | undefined;
  readonly detached: boolean;
  readonly size: string | undefined;
  readonly json: boolean;
}

/** What is to be run. */
interface Wanted {
  readonly provider: string;
  readonly args: readonly string[];
  /** Of `-- <program>`. */
  readonly command: readonly string[] | null;
}

/** Starts a session and shows it, unless it is not to be shown; returns the exit code. @throws {KmError} */
export async function runSession(flags: RunFlags, words: readonly string[]): Promise<number> {
  return (await runAndTell(flags, words)).code;
}

/** As `runSession`; with what was run. */
export async function runAndTell(
  flags: RunFlags,
  words: readonly string[],
): Promise<{ readonly code: number; readonly session: SessionBody; readonly daemon: DaemonClient }> {
  const wanted = flags.resume === undefined ? wantedOf(words) : null;
  if (!flags.detached) requireShown(flags, wanted);
  const size = sizeOf(flags);
  const daemon = await connectOrStart();
  const session = wanted === null
    ? await resumeOne(daemon, flags, words, size)
    : await start(daemon, flags, wanted, size);
  if (flags.detached) {
    writeLines([flags.json ? jsonText(session) : String(session.number)]);
    return { code: 0, session, daemon };
  }
  tellAttached(session, flags.detachKeys);
  const code = tellEnd(await attachSession(daemon, session, flags), session);
  return { code, session, daemon };
}

/** A terminal to show it in. Without one, what is wrong with its name is said first: nothing would mend that. @throws {KmError} */
function requireShown({ resume }: RunFlags, wanted: Wanted | null): void {
  const start = wanted === null ? `km sessions resume ${resume} --detached` : "km run --detached";
  try {
    requireTerminal(`start it with "${start}", then "km sessions wait" and "km sessions screen"`);
  } catch (error) {
    if (wanted !== null) checkName(wanted);
    throw error;
  }
}

/** @throws {KmError} not_found, command_not_found */
function checkName({ provider, command }: Wanted): void {
  const loaded = loadedProviders();
  if (!loaded.providers.has(provider)) {
    throw explained(missingProvider("start", provider, loaded), provider, command);
  }
  const [program = ""] = command ?? [];
  // A path may be one in --cwd.
  if (command === null || program.includes("/") || findProgram(program) !== undefined) return;
  throw commandNotFound(program, environment()["PATH"] ?? "");
}

/** @throws {KmError} usage */
function wantedOf(words: readonly string[]): Wanted {
  const at = words.indexOf("--");
  const [provider, extra] = at < 0 ? words : words.slice(0, at);
  const behind = at < 0 ? [] : words.slice(at + 1);
  if (extra !== undefined) {
    throw new KmError("usage", `Unexpected word "${extra}" after "km run ${provider}"`, {
      hint: `what is for the program goes behind "--": km run ${provider} -- ${extra}`,
    });
  }
  const isProgram = provider === undefined || (provider === "shell" && behind.length > 0);
  if (!isProgram) return { provider: provider ?? "", args: behind, command: null };
  if (behind.length === 0) throw new KmError("usage", '"km run" needs a provider, or "--" and a program');
  return { provider: "shell", args: [], command: behind };
}

/** @throws {KmError} usage */
function sizeOf({ size, detached }: RunFlags): TerminalSize {
  if (size === undefined) return detached ? DEFAULT_SIZE : localSize();
  const [, cols, rows] = /^(\d{1,4})[x×](\d{1,4})$/.exec(size) ?? [];
  if (cols !== undefined && rows !== undefined) return { cols: Number(cols), rows: Number(rows) };
  throw new KmError("usage", `Cannot read "${size}" as a size (--size)`, { hint: "columns by rows: 120x40" });
}

async function start(
  { client }: DaemonClient,
  { cwd, name, fullAccess }: RunFlags,
  { provider, args, command }: Wanted,
  size: TerminalSize,
): Promise<SessionBody> {
  const known = knownProviders().get(provider);
  try {
    return await answerOf<SessionBody>(client.api.sessions.$post({
      json: {
        provider,
        size: { ...size },
        cwd: resolve(cwd ?? "."),
        ...(args.length > 0 && { args: [...args] }),
        ...(command !== null && { command: [...command] }),
        ...(name !== undefined && { name }),
        ...(fullAccess && { fullAccess }),
        ...(known && { env: handedOver(known) }),
      },
    }));
  } catch (error) {
    throw explained(error, provider, command);
  }
}

async function resumeOne(
  daemon: DaemonClient,
  { resume = "", fullAccess }: RunFlags,
  words: readonly string[],
  size: TerminalSize,
): Promise<SessionBody> {
  const old = await findOne(daemon, resume);
  const args = argumentsFor(old, words);
  const known = knownProviders().get(old.provider);
  const session = await answerOf<SessionBody>(daemon.client.api.sessions[":id"].resume.$post({
    param: { id: old.id },
    json: {
      size: { ...size },
      ...(fullAccess && { fullAccess }),
      ...(args.length > 0 && { args: [...args] }),
      ...(known && { env: handedOver(known) }),
    },
  }));
  if (args.length === 0 && known) tellLeftOut(userArguments(old, known));
  return session;
}

/** What stands behind `--`; before it only what runs anyhow. @throws {KmError} usage */
function argumentsFor({ number, provider }: SessionBody, words: readonly string[]): readonly string[] {
  const at = words.indexOf("--");
  const before = at < 0 ? words : words.slice(0, at);
  const extra = before.find((word, at) => at > 0 || word !== provider);
  if (extra === undefined) return at < 0 ? [] : words.slice(at + 1);
  throw new KmError("usage", `Unexpected word "${extra}": session ${number} is one of "${provider}"`, {
    hint: `what is for the program goes behind "--": km sessions resume ${number} -- ${extra}`,
  });
}

/** Most of a note that is shown, in characters: a prompt may be long. */
const MAX_NOTE_CHARS = 300;

function tellLeftOut(args: readonly string[]): void {
  if (args.length === 0) return;
  const all = printable(shellWords(args));
  const shown = all.length > MAX_NOTE_CHARS ? `${all.slice(0, MAX_NOTE_CHARS)}…` : all;
  writeError(`km: note: resumed without its arguments: ${shown}; give them again after --\n`);
}

/** What is not there, with how to get it. */
function explained(error: unknown, provider: string, command: readonly string[] | null): unknown {
  if (!(error instanceof KmError)) return error;
  if (error.code === "command_not_found" && command === null) {
    const hint = installHint(provider);
    return hint === undefined ? error : new KmError(error.code, error.message, { hint, cause: error });
  }
  const isNowhere = !knownProviders().has(provider) && !error.message.includes("config file");
  if (error.code === "not_found" && isNowhere && findProgram(provider) !== undefined) {
    return new KmError(error.code, error.message, {
      hint: `to run the program of that name: km run -- ${provider}`,
      cause: error,
    });
  }
  return error;
}
