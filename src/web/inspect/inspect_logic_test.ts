import { deepStrictEqual, equal } from "node:assert/strict";
import { type Moment, readDetail, readTimeline } from "./detail.ts";
import { valueAt } from "../message/json_text.ts";
import { findAll, firstView, revealing } from "./json_view.ts";
import { addMicroseconds, type ListRun, nextInRun, type Placed, previousInRun } from "./neighbours.ts";
import { layoutTimeline } from "./timeline.ts";

const EVENT =
  '{"id":"e1","time":"2026-11-21T10:00:00.000001Z","correlationId":"c","server":"s","direction":null,' +
  '"kind":"request","method":"m","tool":null,"rpcId":12345678901234567890,"sizeBytes":9,"truncated":false,"durationMs":null,';

Deno.test("readDetail() keeps payloads and ids as they came", () => {
  const detail = readDetail(
    `{"event":${EVENT}"payload":{"n":12345678901234567890,"n":1.0}},"sha256":null,"counterpart":null,"call":{"outcome":"ok"}}`,
  );
  deepStrictEqual(
    [detail.event.rpcId, detail.event.payload, detail.event.server, detail.counterpart, detail.call?.outcome],
    ["12345678901234567890", '{"n":12345678901234567890,"n":1.0}', "s", null, "ok"],
  );
});

Deno.test("readTimeline() gives each moment with its event", () => {
  const [first, second] = readTimeline(
    `{"call":{},"request":{},"response":null,"timeline":[{"offsetMs":0,"event":${EVENT}"payload":null}},{"offsetMs":2.5,"event":${EVENT}"payload":"x"}}]}`,
  );
  deepStrictEqual([first?.offsetMs, second?.offsetMs, second?.row.preview], [0, 2.5, "x"]);
});

Deno.test("firstView() opens a bounded number of lines, however large the text is", () => {
  const text = JSON.stringify(Array.from({ length: 5000 }, () => ({ a: [1, 2, { b: [3] }] })));
  const { open } = firstView(text, valueAt(text, 0));
  equal(open.has(0), true);
  equal(open.size < 250, true);
});

Deno.test("firstView() opens small messages wholly", () => {
  const text = '{"a":{"b":{"c":[1]}},"d":[]}';
  equal(firstView(text, valueAt(text, 0)).open.size, 4);
});

Deno.test("revealing() opens the way to a place, far into a list and a string", () => {
  const text = JSON.stringify({
    list: Array.from({ length: 500 }, (_, at) => ({ at, long: "x".repeat(5000) + "!" })),
  });
  const root = valueAt(text, 0);
  const offset = findAll(text, "!")[400] ?? -1;
  const view = revealing(text, root, { open: new Set(), shown: new Map() }, offset);
  equal(view.open.size, 3);
  const list = text.indexOf("[");
  equal((view.shown.get(list) ?? 0) > 400, true);
  equal([...view.shown.values()].some((chars) => chars > 5000), true);
});

Deno.test("findAll() finds in any case, what is escaped too, and stops in time", () => {
  deepStrictEqual(findAll('{"a":"Say \\"HI\\".*"}', 'hi".*'), [12]);
  equal(findAll("aa".repeat(5000), "A").length, 999);
  deepStrictEqual(findAll("abc", ""), []);
});

const moment = (offsetMs: number): Moment => ({ offsetMs, row: {} as Moment["row"] }); // as: the layout does not look at it

Deno.test("layoutTimeline() draws each moment from the one before", () => {
  const lines = layoutTimeline([moment(0), moment(25), moment(100)], 100);
  deepStrictEqual(
    lines.map((line) => line.kind === "moment" && [line.leftPercent, line.widthPercent, line.gapMs]),
    [[0, 0, 0], [0, 25, 25], [25, 75, 75]],
  );
});

Deno.test("layoutTimeline() of one moment, and of a clock that was set back, stays within its width", () => {
  for (const moments of [[moment(0)], [moment(0), moment(50), moment(20)], []]) {
    for (const line of layoutTimeline(moments, null)) {
      if (line.kind !== "moment") continue;
      equal(
        line.leftPercent >= 0 && line.widthPercent >= 0 && line.leftPercent + line.widthPercent <= 100.001,
        true,
      );
    }
  }
});

Deno.test("layoutTimeline() folds the middle of very many", () => {
  const lines = layoutTimeline(Array.from({ length: 1000 }, (_, at) => moment(at)), 999);
  deepStrictEqual([lines.length, lines[12]], [25, { kind: "folded", count: 976 }]);
});

/** A run as the API lists it: `since` belongs to it, `until` does not. */
function runOf(times: readonly string[]): { events: readonly Placed[]; list: ListRun; asked: () => number } {
  const events = times.map((time, at) => ({ id: `e${at}`, time, correlationId: "c" }));
  let asked = 0;
  return {
    events,
    asked: () => asked,
    list({ since = "", until = "9", limit }) {
      asked++;
      const found = events.filter(({ time }) => time >= since && time < until).toReversed();
      return Promise.resolve({ events: found.slice(0, limit), more: found.length > limit });
    },
  };
}

const at = (us: number) => addMicroseconds("2026-11-21T10:00:00.000000Z", us);

for (
  const [name, times] of [
    ["minutes apart", [0, 1, 500, 90e6, 4000e6, 9e13].map(at)],
    ["in one microsecond", [0, 5, 5, 5, 6].map(at)],
    ["in a burst after a pause", [0, ...Array.from({ length: 700 }, (_, n) => 10e6 + n)].map(at)],
    ["close together and many", Array.from({ length: 1500 }, (_, n) => at(n * 3))],
  ] as const
) {
  Deno.test(`nextInRun() and previousInRun() walk a run of messages ${name}`, async () => {
    const { events, list } = runOf(times);
    const places = events.length > 50 ? [0, 1, 500, events.length - 2, events.length - 1] : events.keys();
    for (const place of places) {
      const event = events[place] as Placed; // as: places are within
      equal(await nextInRun(event, list), events[place + 1]?.id ?? null);
      equal(await previousInRun(event, list), events[place - 1]?.id ?? null);
    }
  });
}

Deno.test("addMicroseconds() keeps what Date would lose", () => {
  equal(addMicroseconds("2026-11-21T10:00:00.999999Z", 1), "2026-11-21T10:00:01.000000Z");
  equal(addMicroseconds("2026-11-21T10:00:00Z", 0), "2026-11-21T10:00:00.000000Z");
});
