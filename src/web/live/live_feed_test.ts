import { deepStrictEqual, equal } from "node:assert/strict";
import type { ActivityPage } from "./activity_page.ts";
import { type LiveFilters, NO_FILTERS } from "./live_filters.ts";
import { LiveFeed } from "./live_feed.ts";
import { readRow } from "../message/row.ts";
import type { StreamHandlers } from "./stream_reader.ts";

function eventJson(id: number, kind = "request"): string {
  return `{"id":"${id}","time":"2026-11-21T10:00:00.000000Z","server":"s","kind":"${kind}","payload":null}`;
}

function page(ids: readonly number[], nextCursor: string | null, kind?: string): ActivityPage {
  return { rows: ids.map((id) => readRow(eventJson(id, kind))), nextCursor, streamCursor: `s${ids[0] ?? 0}` };
}

interface Stream extends StreamHandlers {
  readonly url: string;
  open: boolean;
}

/** A feed between fakes: `draw()` is the next frame, `pages` are what the API answers, in order. */
function stage(pages: (ActivityPage | Error)[], filters: LiveFilters = NO_FILTERS, capacity = 100) {
  const asked: string[] = [];
  const streams: Stream[] = [];
  let frame: (() => void) | null = null;
  let drawn = 0;
  const feed = new LiveFeed(filters, () => drawn++, {
    capacity,
    deps: {
      fetchPage(query) {
        asked.push(query);
        const next = pages.shift() ?? page([], null);
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      openStream(cursor, urlAfter, handlers) {
        const stream: Stream = { ...handlers, url: urlAfter(cursor), open: true };
        streams.push(stream);
        return { close: () => void (stream.open = false) };
      },
      onFrame(callback) {
        frame = callback;
        return () => void (frame = null);
      },
      nowMs: () => 0,
    },
  });
  return {
    feed,
    asked,
    streams,
    ids: () =>
      Array.from(
        { length: feed.rows.length },
        (_, at) => Number(feed.rows.at(feed.rows.firstNumber + at)?.id),
      ),
    drawn: () => drawn,
    async draw() {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      const callback = frame;
      frame = null;
      callback?.();
    },
  };
}

Deno.test("LiveFeed begins with the newest page and streams from its cursor", async () => {
  const { feed, asked, streams, ids, draw } = stage([page([3, 2, 1], "c1")]);
  await draw();
  streams[0]?.onEvent(eventJson(4));
  await draw();
  deepStrictEqual([asked, streams[0]?.url, ids()], [["?limit=200"], "/api/stream?after=s3", [1, 2, 3, 4]]);
  feed.close();
  equal(streams[0]?.open, false);
});

Deno.test("LiveFeed draws once for a frame however much comes", async () => {
  const { streams, ids, drawn, draw } = stage([page([], null)]);
  await draw();
  const before = drawn();
  for (let id = 1; id <= 50; id++) streams[0]?.onEvent(eventJson(id));
  await draw();
  deepStrictEqual([drawn() - before, ids().length], [1, 50]);
});

Deno.test("LiveFeed pages older rows in before the others, until there are none", async () => {
  const { feed, asked, ids, draw } = stage([page([6, 5], "c1"), page([4, 3], "c2"), page([2], null)]);
  await draw();
  await feed.loadOlder();
  await feed.loadOlder();
  await feed.loadOlder();
  deepStrictEqual([ids(), asked.slice(1), feed.hasOlder], [
    [2, 3, 4, 5, 6],
    ["?limit=500&cursor=c1", "?limit=500&cursor=c2"],
    false,
  ]);
});

Deno.test("LiveFeed holds what comes while it is paused and shows it afterwards", async () => {
  const { feed, streams, ids, draw } = stage([page([1], null)]);
  await draw();
  feed.setPaused(true);
  streams[0]?.onEvent(eventJson(2));
  await draw();
  deepStrictEqual([ids(), feed.waiting], [[1], 1]);
  feed.setPaused(false);
  deepStrictEqual([ids(), feed.waiting], [[1, 2], 0]);
});

Deno.test("LiveFeed that is paused for long keeps the newest", async () => {
  const { feed, streams, ids, draw } = stage([page([], null)], NO_FILTERS, 10);
  await draw();
  feed.setPaused(true);
  for (let id = 1; id <= 1000; id++) streams[0]?.onEvent(eventJson(id));
  equal(feed.waiting < 20, true);
  feed.setPaused(false);
  deepStrictEqual(ids(), [991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
});

Deno.test("LiveFeed loads again on a resync and streams from the new cursor alone", async () => {
  const { feed, streams, ids, draw } = stage([page([1], null), page([90, 89], "c")]);
  await draw();
  streams[0]?.onEvent(eventJson(2));
  streams[0]?.onResync("slow", 86);
  await draw();
  deepStrictEqual([ids(), streams.map(({ open }) => open), streams[1]?.url, feed.resyncs], [
    [89, 90],
    [false, true],
    "/api/stream?after=s90",
    1,
  ]);
});

Deno.test("LiveFeed that wants errors only looks through several pages and sieves the stream", async () => {
  const { asked, streams, ids, draw } = stage([
    page([9, 8], "c1", "request"),
    page([7], "c2", "error"),
    page([6], null, "error"),
  ], { ...NO_FILTERS, server: "s", outcome: "errors" });
  await draw();
  streams[0]?.onEvent(eventJson(10, "request"));
  streams[0]?.onEvent(eventJson(11, "error"));
  await draw();
  deepStrictEqual(ids(), [6, 7, 11]);
  deepStrictEqual([asked[0], streams[0]?.url], ["?server=s&limit=1000", "/api/stream?server=s&after=s9"]);
});

Deno.test("LiveFeed tells why it could not load, and tries again when asked", async () => {
  const { feed, ids, draw } = stage([new Error("down"), page([1], null)]);
  await draw();
  equal(feed.state, "failed");
  await feed.load();
  deepStrictEqual([feed.error, ids()], [null, [1]]);
});

Deno.test("LiveFeed that was cleared shows what comes from then on, and nothing older", async () => {
  const { feed, streams, ids, draw } = stage([page([2, 1], "c1")]);
  await draw();
  feed.clear();
  streams[0]?.onEvent(eventJson(3));
  await draw();
  deepStrictEqual([ids(), feed.hasOlder], [[3], false]);
});
