/** Calls, newest first, page by page; one call with its timeline. @module */
import type { CallFilter } from "../../core/filter.ts";
import { pageCalls } from "../../store/calls.ts";
import { readTimeline } from "../../store/call_timeline.ts";
import type { Database } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { formatCursor } from "../cursor.ts";
import { type ListFormat, listText } from "../ndjson.ts";

export interface CallsArgs {
  readonly filter: CallFilter;
  readonly limit: number;
  readonly beforeSeq: number | undefined;
  readonly format: ListFormat;
}

export function listCalls(db: Database, { filter, limit, beforeSeq, format }: CallsArgs): string {
  const { calls, nextSeq } = pageCalls(db, filter, { limit, beforeSeq });
  return listText(format, "calls", {
    head: { nextCursor: nextSeq === null ? null : formatCursor(nextSeq) },
    entries: calls.map((call) => JSON.stringify(call)),
  });
}

export function readCall(db: Database, { id }: { readonly id: string }): string {
  const { call, request, response, moments, complete } = readTimeline(db, id);
  const timeline = moments.map(({ offsetMs, event }) =>
    `{"offsetMs":${offsetMs},"event":${eventJson(event)}}`
  );
  return `{"call":${JSON.stringify(call)},"request":${eventJson(request)},"response":${
    response ? eventJson(response) : "null"
  },"timeline":[${timeline.join(",")}],"complete":${complete}}`;
}
