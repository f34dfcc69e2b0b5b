/** What `km sessions history` does. @module */
import { formatTimeUs } from "../../core/clock.ts";
import { redactText } from "../../core/redact.ts";
import { formatClock } from "../../core/quantity.ts";
import type { Database } from "../../store/database.ts";
import { listCommands } from "../../store/session_commands.ts";
import { stateHistory } from "../../store/session_reader.ts";
import { jsonText } from "../json_text.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, writeLines } from "../terminal.ts";
import { withStoredSession } from "./stored_session.ts";

interface Entry {
  readonly time: string;
  readonly id: string | null;
  readonly kind: "state" | "command";
  readonly state: string;
  readonly text: string;
  readonly source: string;
  readonly outcome: string | null;
}

const MAX_COMMANDS = 1000;

/** Prints it; returns the exit code. @throws {KmError} */
export async function printHistory(ref: string, json: boolean): Promise<number> {
  return await withStoredSession(ref, ({ id }, db) => {
    const entries = entriesOf(db, id);
    writeLines(json ? entries.map((entry) => jsonText(entry)) : table(entries, columns(), stdoutTerminal()));
    return 0;
  });
}

function entriesOf(db: Database, id: string): Entry[] {
  const states = stateHistory(db, id).map(({ timeUs, state, reason, source }): Entry => ({
    time: formatTimeUs(timeUs),
    id: null,
    kind: "state",
    state,
    text: redactText(reason),
    source,
    outcome: null,
  }));
  const commands = listCommands(db, id, { limit: MAX_COMMANDS }).map((
    { id, queuedUs, state, text, by, outcome },
  ): Entry => ({
    time: formatTimeUs(queuedUs),
    id,
    kind: "command",
    state,
    text: redactText(text),
    source: by,
    outcome,
  }));
  return [...states, ...commands].toSorted((a, b) => a.time.localeCompare(b.time));
}

function columns(): Column<Entry>[] {
  const now = new Date();
  return [
    { title: "TIME", cell: ({ time }) => formatClock(time, now), style: () => "dim" },
    { title: "WHAT", cell: ({ kind, state }) => kind === "state" ? state : "> command" },
    { title: "BY", cell: ({ source }) => source, style: () => "dim", rank: 2 },
    { title: "TEXT", cell: ({ text }) => text, least: 20 },
    {
      title: "OUTCOME",
      cell: ({ kind, outcome, state }) => kind === "state" ? "" : outcome ?? state,
      least: 8,
      optional: true,
      rank: 1,
    },
  ];
}
