/** What `km sessions cancel` does. @module */
import type { CommandBody, SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { printableStart } from "../../core/printable.ts";
import { jsonText } from "../json_text.ts";
import { writeError, writeLines } from "../terminal.ts";
import { answerOf } from "./api_answer.ts";
import { connectSessions, type DaemonClient } from "./daemon_client.ts";
import { findOne } from "./find_one.ts";
import { readCommands } from "./read_commands.ts";

/** Of a command's text, in characters: enough to know it by. */
const SHOWN_CHARS = 80;

/** Takes back what waits, or what is named of that; returns the exit code. @throws {KmError} */
export async function cancelCommands(ref: string, named: readonly string[], json: boolean): Promise<number> {
  const daemon = await connectSessions();
  const session = await findOne(daemon, ref);
  const waiting = await waitingCommands(daemon, session);
  const commands = named.length === 0
    ? waiting
    : [...new Set(named.map((name) => findWaiting(name, waiting, session)))];
  if (commands.length === 0) writeError(`no commands wait for session ${session.number}\n`);
  for (const { id, text } of commands) {
    const { cancelled } = await answerOf<{ cancelled: boolean }>(
      daemon.client.api.sessions[":id"].commands[":commandId"].$delete({
        param: { id: session.id, commandId: id },
      }),
    );
    const what = `${id}: ${printableStart(text, SHOWN_CHARS)}`;
    writeLines([
      json
        ? jsonText({ id, text, cancelled })
        : cancelled
        ? `cancelled ${what}`
        : `was typed in before: ${what}`,
    ]);
  }
  return 0;
}

/** In the order in which they would be typed in. */
async function waitingCommands(daemon: DaemonClient, { id }: SessionBody): Promise<CommandBody[]> {
  const waiting: CommandBody[] = [];
  for await (const command of readCommands(daemon, id)) {
    if (command.state === "queued") waiting.unshift(command);
  }
  return waiting;
}

/** By id, or the beginning of one. @throws {KmError} not_found, ambiguous */
function findWaiting(
  name: string,
  waiting: readonly CommandBody[],
  { number }: SessionBody,
): CommandBody {
  const exact = waiting.find(({ id }) => id === name);
  if (exact) return exact;
  const [found, another] = waiting.filter(({ id }) => id.startsWith(name));
  if (found && !another) return found;
  const what = `Cannot cancel command "${name}" of session ${number}`;
  if (found) throw new KmError("ambiguous", `${what}: several that wait begin like that`);
  throw new KmError("not_found", `${what}: it does not wait`, {
    hint: `"km sessions history ${number}" says what became of it`,
  });
}
