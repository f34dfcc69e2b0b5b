import { deepStrictEqual, equal } from "node:assert/strict";
import { type EventStream, StreamReader } from "./stream_reader.ts";

class FakeStream implements EventStream {
  readyState = 0;
  closed = false;
  readonly #listeners: [string, (event: MessageEvent<string>) => void][] = [];

  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.push([name, listener]);
  }

  close(): void {
    this.closed = true;
  }

  send(name: string, data = "", lastEventId = ""): void {
    for (const [of, listener] of this.#listeners) {
      if (of === name) listener(new MessageEvent(name, { data, lastEventId }));
    }
  }

  refuse(): void {
    this.readyState = 2;
    this.send("error");
  }
}

function conversation() {
  const told: string[] = [];
  const urls: string[] = [];
  const streams: FakeStream[] = [];
  const timers: { delayMs: number; fire: () => void; cancelled: boolean }[] = [];
  const reader = new StreamReader("7", (cursor) => `/api/stream?after=${cursor}`, {
    onEvent: (json) => void told.push(json),
    onResync: (reason, missed) => void told.push(`resync ${reason} ${missed}`),
    onState: (state) => void told.push(state),
    onRefused: () => void told.push("refused"),
  }, {
    open(url) {
      urls.push(url);
      streams.push(new FakeStream());
      return streams.at(-1) as FakeStream; // as: it was pushed just now
    },
    after(delayMs, fire) {
      const timer = { delayMs, fire, cancelled: false };
      timers.push(timer);
      return () => void (timer.cancelled = true);
    },
  });
  return { told, urls, streams, timers, reader };
}

Deno.test("StreamReader begins after the cursor and hands events over", () => {
  const { told, urls, streams, reader } = conversation();
  streams[0]?.send("open");
  streams[0]?.send("event", "{1}", "8");
  deepStrictEqual([urls, told, reader.cursor], [["/api/stream?after=7"], ["connecting", "live", "{1}"], "8"]);
});

Deno.test("StreamReader leaves a dropped connection to the browser", () => {
  const { told, urls, streams, timers } = conversation();
  streams[0]?.send("open");
  streams[0]?.send("error");
  streams[0]?.send("open");
  deepStrictEqual([urls.length, timers.length, told], [1, 0, ["connecting", "live", "reconnecting", "live"]]);
});

Deno.test("StreamReader opens again after the last event when it was refused, waiting longer each time", () => {
  const { told, urls, streams, timers } = conversation();
  streams[0]?.send("event", "{1}", "9");
  for (let turn = 0; turn < 7; turn++) {
    streams.at(-1)?.refuse();
    timers.at(-1)?.fire();
  }
  equal(urls[1], "/api/stream?after=9");
  deepStrictEqual(timers.map(({ delayMs }) => delayMs), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  equal(told.filter((word) => word === "refused").length, 7);
  streams.at(-1)?.send("open");
  streams.at(-1)?.refuse();
  equal(timers.at(-1)?.delayMs, 1000);
});

Deno.test("StreamReader passes a resync on, also one it cannot read", () => {
  const { told, streams, reader } = conversation();
  streams[0]?.send("resync", '{"reason":"slow","missed":12,"cursor":"40"}');
  streams[0]?.send("resync", "nonsense");
  deepStrictEqual([told.slice(1), reader.cursor], [["resync slow 12", "resync unknown null"], "40"]);
});

Deno.test("StreamReader is silent once it is closed", () => {
  const { told, streams, timers, reader } = conversation();
  streams[0]?.refuse();
  const before = told.length;
  reader.close();
  streams[0]?.send("event", "{late}", "9");
  deepStrictEqual([told.length, timers[0]?.cancelled], [before, true]);
});
