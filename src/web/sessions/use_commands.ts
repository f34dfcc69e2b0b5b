/** Commands of a session and the history of its states, kept up by what is told over the socket. @module */
import { useEffect, useState } from "preact/hooks";
import type { CommandBody, StateBody } from "../../client/session_socket.ts";
import { askHistory } from "./session_requests.ts";
import type { SessionsFeed } from "./sessions_feed.ts";

export interface Happenings {
  /** In the order in which they were sent. */
  readonly commands: readonly CommandBody[];
  /** Oldest first. */
  readonly states: readonly StateBody[];
}

export function useCommands(id: string, feed: SessionsFeed): Happenings {
  const [happenings, setHappenings] = useState<Happenings>({ commands: [], states: [] });
  const isOpen = feed.status === "open";
  useEffect(() => {
    if (!isOpen) return;
    const abort = new AbortController();
    const off = feed.onEvent((of, event) => {
      if (of !== id) return;
      if (event.event === "command") setHappenings((before) => withCommand(before, event.command));
      if (event.event === "state") {
        setHappenings((before) => ({ ...before, states: merged(before.states, [event.change]) }));
      }
    });
    askHistory(id, abort.signal).then((history) => {
      setHappenings((before) => ({
        states: merged(history.states, before.states),
        commands: before.commands.reduce(
          (all, command) => withCommand({ ...before, commands: all }, command).commands,
          history.commands,
        ),
      }));
    }, () => {}); // Then only what happens from now on is shown.
    return () => {
      off();
      abort.abort();
    };
  }, [id, isOpen]);
  return happenings;
}

/** How far a command has come: news of it may overtake each other. */
const PROGRESS: Readonly<Record<CommandBody["state"], number>> = {
  queued: 0,
  delivered: 1,
  done: 2,
  failed: 2,
  cancelled: 2,
};

/** The same command is replaced by what is known of it later. */
function withCommand(before: Happenings, command: CommandBody): Happenings {
  const at = before.commands.findIndex(({ id }) => id === command.id);
  const known = before.commands[at];
  if (known && PROGRESS[known.state] > PROGRESS[command.state]) return before;
  const commands = at < 0 ? [...before.commands, command] : before.commands.with(at, command);
  return { ...before, commands };
}

function merged(older: readonly StateBody[], newer: readonly StateBody[]): readonly StateBody[] {
  const known = new Set(older.map(({ time, state }) => `${time} ${state}`));
  return [...older, ...newer.filter(({ time, state }) => !known.has(`${time} ${state}`))];
}
