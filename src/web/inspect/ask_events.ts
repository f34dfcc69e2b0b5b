/** How the inspector asks km: answers as text, because payloads must stay as they came. @module */
import { send } from "../shell/api.ts";
import { childrenOf, memberOf, valueAt } from "../message/json_text.ts";
import { type Detail, type Moment, readDetail, readTimeline } from "./detail.ts";
import type { ListRun, Placed } from "./neighbours.ts";

/** @throws {ApiFailure} not_found, ambiguous, … */
export async function fetchDetail(id: string, signal: AbortSignal): Promise<Detail> {
  return readDetail(await fetchText(`/api/events/${encodeURIComponent(id)}`, signal));
}

/** The moments of the call whose request is `id`. @throws {ApiFailure} */
export async function fetchTimeline(id: string, signal: AbortSignal): Promise<readonly Moment[]> {
  return readTimeline(await fetchText(`/api/calls/${encodeURIComponent(id)}`, signal));
}

/** Lists events of a run. */
export async function listRun({ limit, ...query }: Parameters<ListRun>[0]): ReturnType<ListRun> {
  const search = new URLSearchParams({ ...query, limit: String(limit) });
  const text = await fetchText(`/api/activity?${search}`);
  const root = valueAt(text, 0);
  const events = memberOf(text, root, "events");
  const next = memberOf(text, root, "nextCursor");
  return {
    events: (events ? childrenOf(text, events) : []).map((span): Placed => {
      const member = (name: string): string => {
        const found = memberOf(text, span, name);
        return found ? JSON.parse(text.slice(found.start, found.end)) : "";
      };
      return { id: member("id"), time: member("time"), correlationId: member("correlationId") };
    }),
    more: next?.kind === "string",
  };
}

async function fetchText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await send(fetch(path, signal ? { signal } : {}));
  return await response.text();
}
