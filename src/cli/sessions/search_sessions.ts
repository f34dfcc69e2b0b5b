/** What `km sessions search` does. @module */
import { formatTimeUs } from "../../core/clock.ts";
import { painter } from "../../core/paint.ts";
import { formatClock } from "../../core/quantity.ts";
import { scanOutput, type SessionHit } from "../../store/session_search.ts";
import { jsonText } from "../json_text.ts";
import { withStore } from "../read_store.ts";
import { stdoutTerminal, writeError, writeLines } from "../terminal.ts";
import { findStored } from "./stored_session.ts";

export interface SearchFlags {
  readonly session: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/** How long it looks, in ms: somebody waits for it. */
const BUDGET_MS = 5000;

/** Prints what is found; returns the exit code. @throws {KmError} */
export async function searchSessions(text: string, { session, limit, json }: SearchFlags): Promise<number> {
  return await withStore((db) => {
    const sessionId = session === undefined ? undefined : findStored(db, session).id;
    const { hits, stoppedAt } = scanOutput(db, { text, sessionId, limit, budgetMs: BUDGET_MS });
    if (json) writeLines(hits.map(({ timeUs, ...hit }) => jsonText({ ...hit, time: formatTimeUs(timeUs) })));
    else writeLines(shown(hits));
    if (stoppedAt !== null) {
      writeError(`older output, from session ${stoppedAt.number} on, was not looked at\n`);
    } else if (hits.length === 0 && !json) writeError("nothing found\n");
    return 0;
  }, () => {
    if (!json) writeError("nothing found: no session has run yet\n");
    return 0;
  });
}

function shown(hits: readonly SessionHit[]): string[] {
  const paint = painter(stdoutTerminal().color);
  const now = new Date();
  const width = Math.max(1, ...hits.map(({ number }) => String(number).length));
  return hits.map(({ number, timeUs, line, matchStart, matchEnd }) => {
    const place = `${String(number).padStart(width)}  ${formatClock(formatTimeUs(timeUs), now)}`;
    const match = paint("yellow", line.slice(matchStart, matchEnd));
    return `${paint("dim", place)}  ${line.slice(0, matchStart)}${match}${line.slice(matchEnd)}`;
  });
}
