import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import type { Session } from "../core/session.ts";
import type { OutputFrame, StoredChunk } from "../store/session_output.ts";
import { NOON_US, randomFrom } from "../store/testing.ts";
import { makeSession, outputFrame } from "../store/testing_session.ts";
import { asciicastLines } from "./asciicast.ts";

type Event = [seconds: number, code: string, data: string];

function chunk(firstSeq: number, frames: OutputFrame[], cols = 120): StoredChunk {
  const bytes = frames.reduce((sum, frame) => sum + (frame.kind === "output" ? frame.bytes.length : 0), 0);
  return { firstSeq, endSeq: firstSeq + bytes, size: { cols, rows: 40 }, frames };
}

/** Reads a recording as a player does. */
function read(lines: Iterable<string>): { header: Record<string, unknown>; events: Event[] } {
  const text = [...lines].join("");
  assert.ok(text.endsWith("\n"));
  const [header, ...events] = text.slice(0, -1).split("\n").map((line) => JSON.parse(line));
  return { header, events };
}

const ENDED: Partial<Session> = {
  state: "exited",
  endedUs: NOON_US + 5_000_000,
  exitCode: 3,
  title: "✳ work",
};

Deno.test("asciicastLines() writes a header, output, sizes, markers and the exit, with intervals", () => {
  verifies("session-asciicast");
  const session = makeSession(ENDED);
  const frames: OutputFrame[] = [
    outputFrame("\x1b[1mhi\r\n", NOON_US + 1_500_000),
    { kind: "resize", timeUs: NOON_US + 1_500_001, size: { cols: 80, rows: 24 } },
    { kind: "marker", timeUs: NOON_US + 2_000_000, text: "here" },
  ];
  const { header, events } = read(asciicastLines(session, [chunk(0, frames)]));
  assert.deepEqual(header, {
    version: 3,
    term: { cols: 120, rows: 40, type: "xterm-256color" },
    timestamp: NOON_US / 1e6,
    command: "claude --model 'a b'",
    title: "✳ work",
    env: { TERM: "xterm-256color" },
  });
  assert.deepEqual(events, [
    [1.5, "o", "\x1b[1mhi\r\n"],
    [0.000001, "r", "80x24"],
    [0.499999, "m", "here"],
    [3, "x", "3"],
  ]);
});

Deno.test("asciicastLines() of version 2 has times since the beginning, and no exit", () => {
  verifies("session-asciicast");
  const frames = [outputFrame("a", NOON_US + 1_500_000), outputFrame("b", NOON_US + 61_000_001)];
  const { header, events } = read(asciicastLines(makeSession(ENDED), [chunk(0, frames)], { version: 2 }));
  assert.deepEqual([header.version, header.width, header.height, header.term], [2, 120, 40, undefined]);
  assert.deepEqual(events, [[1.5, "o", "a"], [61.000001, "o", "b"]]);
});

Deno.test.each([2, 3] as const)(
  "asciicastLines() of version %i is read back to the same bytes at the same times",
  (version) => {
    verifies("session-asciicast");
    const random = randomFrom(version);
    const text = 'é漢\u{1f600}\ufeff plain \x1b[31m\r\n"\\\u2028'.repeat(3000);
    const bytes = new TextEncoder().encode(text);
    const chunks: StoredChunk[] = [];
    const times: number[] = [];
    let timeUs = NOON_US;
    for (let at = 0; at < bytes.length;) {
      const firstSeq = at;
      const frames: OutputFrame[] = [];
      for (let i = 0; i < 50 && at < bytes.length; i++) {
        timeUs += Math.floor(random() * 1_000_000);
        const size = 1 + Math.floor(random() * 9);
        frames.push(outputFrame(bytes.subarray(at, at += size), timeUs));
        times.push(timeUs);
      }
      chunks.push(chunk(firstSeq, frames));
    }
    const { events } = read(asciicastLines(makeSession(), chunks, { version }));
    assert.equal(events.map(([, , data]) => data).join(""), text);
    // As players do: floats, summed up.
    let sum = 0;
    for (const [seconds] of events) sum = version === 3 ? sum + seconds : seconds;
    assert.ok(Math.abs(sum * 1e6 - ((times.at(-1) ?? 0) - NOON_US)) < 1, "the last event is where it was");
  },
);

Deno.test("asciicastLines() joins characters that were cut, and replaces what is not UTF-8", () => {
  const [first, ...rest] = new TextEncoder().encode("漢");
  const frames = [
    outputFrame(Uint8Array.of(first ?? 0)),
    outputFrame(Uint8Array.from(rest), NOON_US + 1),
    outputFrame(Uint8Array.of(0xff, 0x41), NOON_US + 2),
    outputFrame(Uint8Array.of(0xe6), NOON_US + 3),
  ];
  const chunks = frames.map((frame, index) => chunk([0, 1, 3, 5][index] ?? 0, [frame]));
  const { events } = read(asciicastLines(makeSession(), chunks));
  assert.deepEqual(events, [[0.000001, "o", "漢"], [0.000001, "o", "\ufffdA"], [0, "o", "\ufffd"]]);
});

Deno.test("asciicastLines() says what is not kept: at the beginning, and between", () => {
  const session = makeSession({ title: "", name: "claude-1" });
  const late = NOON_US + 3_600_000_000;
  const chunks = [
    chunk(1000, [outputFrame("later", late)], 80),
    chunk(1009, [outputFrame("and later", late + 1_000_000)], 80),
  ];
  const { header, events } = read(asciicastLines(session, chunks));
  const missing = (bytes: number) => `${bytes} bytes of output before this are not kept`;
  assert.deepEqual([header.title, header.timestamp], [`claude-1 (${missing(1000)})`, late / 1e6]);
  assert.deepEqual(header.term, { cols: 80, rows: 40, type: "xterm-256color" });
  assert.deepEqual(events, [[0, "m", missing(1000)], [0, "o", "later"], [1, "m", missing(4)], [
    0,
    "o",
    "and later",
  ]]);
});

Deno.test("asciicastLines() of a session without output is a header, and its exit", () => {
  const { events } = read(
    asciicastLines(makeSession({ ...ENDED, exitCode: null, exitSignal: "SIGTERM" }), []),
  );
  assert.deepEqual(events, [[5, "x", "143"]]);
  assert.equal(read(asciicastLines(makeSession(), [])).events.length, 0);
});

Deno.test("asciicastLines() stands still when the clock was set back, and reads chunks as it goes", () => {
  const frames = [
    outputFrame("a", NOON_US + 9),
    outputFrame("b", NOON_US + 4),
    outputFrame("c", NOON_US + 10),
  ];
  const { events } = read(asciicastLines(makeSession(), [chunk(0, frames)]));
  assert.deepEqual(events.map(([seconds]) => seconds), [0.000009, 0, 0.000001]);
  let asked = 0;
  const chunks = function* () {
    for (;;) yield chunk(asked++, [outputFrame("x")]);
  };
  const lines = asciicastLines(makeSession(), chunks());
  lines.next();
  lines.next();
  assert.equal(asked, 1);
});
