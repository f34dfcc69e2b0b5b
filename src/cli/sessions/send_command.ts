/** What `km sessions send` does. @module */
import type { CommandBody, SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { jsonText } from "../json_text.ts";
import { writeLines } from "../terminal.ts";
import { answerOf } from "./api_answer.ts";
import { pause } from "./ask_wait.ts";
import { connectSessions, type DaemonClient } from "./daemon_client.ts";
import { withSuggestion } from "./find_one.ts";
import { keysOf } from "./key_names.ts";
import { printText } from "./print_screen.ts";
import { readCommands } from "./read_commands.ts";
import { WORKS_NO_MORE } from "./wait_states.ts";
import { waitFor } from "./wait_for.ts";

/** How long what became of a command may be stored after the session became idle, in ms. */
const FATE_MS = 1000;

export interface SendFlags {
  readonly keys: string | undefined;
  readonly wait: boolean;
  readonly timeout: number;
  readonly id: string | undefined;
  readonly json: boolean;
}

/** Sends; returns the exit code. @throws {KmError} */
export async function sendCommand(ref: string, words: readonly string[], flags: SendFlags): Promise<number> {
  const { keys, id, wait, timeout, json } = flags;
  if (keys !== undefined && words.length > 0) {
    throw new KmError("usage", "Cannot send keys and a text at once", { hint: "leave out one of them" });
  }
  const body = keys === undefined
    ? { command: await textOf(words), id: id ?? crypto.randomUUID() }
    : { keys: keysOf(keys) };
  const daemon = await connectSessions();
  const { command } = await withSuggestion(daemon, ref, () =>
    answerOf<{ command: CommandBody | null }>(
      daemon.client.api.sessions[":id"].input.$post({ param: { id: ref }, json: body }),
    ));
  if (json && command !== null) writeLines([jsonText(command)]);
  else if (!wait) writeLines([command === null ? "typed" : command.state]);
  if (!wait) return 0;
  const session = await waitFor(daemon, ref, { states: WORKS_NO_MORE, timeoutMs: timeout });
  if (!json) await printText(daemon, ref);
  if (command !== null) await mustBeTaken(daemon, session, command.id);
  return 0;
}

/** @throws {KmError} unsupported with the reason why it was not typed in, or not sent */
async function mustBeTaken(daemon: DaemonClient, session: SessionBody, id: string): Promise<void> {
  const deadlineMs = performance.now() + FATE_MS;
  for (;;) {
    const command = await findCommand(daemon, session.id, id);
    if (command?.state === "failed") {
      throw new KmError(
        "unsupported",
        `Cannot type the command into session ${session.number}: ${command.outcome}`,
      );
    }
    const isSettled = command?.state !== "queued" && command?.state !== "delivered";
    if (isSettled || session.state !== "idle" || performance.now() > deadlineMs) return;
    await pause(FATE_MS / 20);
  }
}

async function findCommand(
  daemon: DaemonClient,
  sessionId: string,
  id: string,
): Promise<CommandBody | undefined> {
  for await (const command of readCommands(daemon, sessionId)) if (command.id === id) return command;
}

/** @throws {KmError} usage when there is nothing to send */
async function textOf(words: readonly string[]): Promise<string> {
  const isFromStdin = words.length === 0 || (words.length === 1 && words[0] === "-");
  if (isFromStdin && Deno.stdin.isTerminal() && words.length === 0) {
    throw new KmError("usage", '"km sessions send" needs a text', {
      hint: 'km sessions send 3 "fix the tests", or - to read it from stdin',
    });
  }
  // The last line feed is of the file, not of the text: Enter follows in any case.
  const text = isFromStdin
    ? (await new Response(Deno.stdin.readable).text()).replace(/\r?\n$/, "")
    : words.join(" ");
  if (text === "") throw new KmError("usage", "Cannot send an empty command");
  return text;
}
