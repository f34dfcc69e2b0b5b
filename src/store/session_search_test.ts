import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { printable } from "../core/printable.ts";
import { KmError } from "../core/error.ts";
import type { Database } from "./database.ts";
import { appendOutput } from "./session_output.ts";
import { type OutputQuery, scanOutput, type SessionHit } from "./session_search.ts";
import { outputText } from "./session_text.ts";
import { NOON_US, randomFrom, TempStore } from "./testing.ts";
import { addSession, outputFrame } from "./testing_session.ts";

function text(output: string): string {
  return outputText(new TextEncoder().encode(output)).text;
}

/** Stores `parts` as the chunks of a new session. */
function addOutput(store: TempStore, parts: readonly (string | Uint8Array)[], timeUs = NOON_US): string {
  const { id } = addSession(store.db);
  let firstSeq = 0;
  for (const [index, part] of parts.entries()) {
    const frame = outputFrame(part, timeUs + index);
    appendOutput(store.db, id, { firstSeq, frames: [frame] });
    firstSeq += frame.kind === "output" ? frame.bytes.length : 0;
  }
  return id;
}

function searchOutput(db: Database, query: OutputQuery): readonly SessionHit[] {
  return scanOutput(db, query).hits;
}

function match({ line, matchStart, matchEnd }: SessionHit): string {
  return line.slice(matchStart, matchEnd);
}

Deno.test.each(
  [
    ["plain\r\nlines\n\nhere", "plain\nlines\nhere"],
    ["\x1b[1mAccessing\x1b[12Gworkspace:\x1b[0m", "Accessing workspace:"],
    ["\x1b[5;1HYes,\x1b[C\x1b[CI\x1b[1Btrust", "Yes, I trust"],
    ["app\x1b[31mro\x1b[38;5;12mve\x1b[m d", "approve d"],
    ["\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\", "ab"],
    ["\x1bP+q544e\x1b\\a\x1b_G;AAAA\x1b\\b\x1b^x\x1b\\c", "abc"],
    ["a\x1b(Bb\x1b=c\x1b7d\x1b8e\x1bMf", "abcd e f"],
    ["a\x1b[?1049h\x1b[?25lb\x1b[2K\x1b[Kc", "abc"],
    ["  two  \t blanks\u00a0\u00a0here ", "two blanks here "],
    ["été\x1b[1m 漢\x1b[m字 \u{1f600}", "été 漢字 \u{1f600}"],
    ["cut \x1b[38;5", "cut "],
    ["cut \x1b]0;tit", "cut "],
    ["a\x1b[\x18b\x07c\x00d\x7fe", "abcde"],
  ] as const,
)("outputText() of terminal output %#", (output, expected) => {
  assert.equal(text(output), expected);
});

Deno.test("outputText() takes what follows for text again behind 64 KiB of a string without an end", () => {
  for (const beginning of ["\x1b]0;", "\x1bP", "\x1b_G"]) {
    const output = `before\n${beginning}${"x".repeat(64 * 1024)}\nafter`;
    assert.equal(text(output), "before\nafter");
    assert.equal(text(`${beginning}${"x".repeat(200 * 1024)}\x1b\\after`), "after");
    const inTime = `a${beginning}${"x".repeat(60 * 1024)}\x1b\\b`;
    assert.equal(text(inTime + inTime), "abab");
  }
});

Deno.test("outputText() knows from which byte each character comes", () => {
  const output = "\x1b[1mété\x1b[12G漢\x1b[mx";
  const bytes = new TextEncoder().encode(output);
  const { text, offsetOf } = outputText(bytes);
  assert.equal(text, "été 漢x");
  const at = (character: string) => {
    const offset = offsetOf(text.indexOf(character));
    return new TextDecoder().decode(bytes.subarray(offset)).startsWith(character);
  };
  assert.deepEqual(["é", "t", "漢", "x"].map(at), [true, true, true, true]);
});

Deno.test("searchOutput() finds words between which a program moved the cursor", () => {
  verifies("session-search");
  using store = new TempStore();
  const sessionId = addOutput(store, ["\x1b[2J\x1b[1mAccessing\x1b[12Gworkspace:\x1b[0m\r\nnext line"]);
  const hits = searchOutput(store.db, { text: "ACCESSING   workspace", limit: 10 });
  assert.deepEqual(hits, [{
    sessionId,
    number: 1,
    seq: 8,
    timeUs: NOON_US,
    line: "Accessing workspace:",
    matchStart: 0,
    matchEnd: 19,
  }]);
});

Deno.test("searchOutput() finds what lies across chunks, whatever it is cut in", () => {
  verifies("session-search");
  using store = new TempStore();
  const output = "before\r\n\x1b[38;5;12mEnter\x1b[9G to\x1b[0m \x1b]0;t\x07confirm é漢\r\nafter";
  const bytes = new TextEncoder().encode(output);
  for (let cut = 1; cut < bytes.length; cut++) {
    addOutput(store, [bytes.subarray(0, cut), bytes.subarray(cut)]);
  }
  addOutput(store, Array.from(bytes, (byte) => Uint8Array.of(byte)));
  const hits = searchOutput(store.db, { text: "enter to confirm é漢", limit: 1000 });
  assert.equal(hits.length, bytes.length);
  for (const hit of hits) assert.deepEqual([hit.seq, hit.line], [18, "Enter to confirm é漢"]);
});

Deno.test("searchOutput() finds as much in many windows as in one text", () => {
  using store = new TempStore();
  const random = randomFrom(3);
  const words = [
    "trust",
    "this folder",
    "漢字 é",
    "\x1b[12G",
    "\x1b[1m",
    "\r\n",
    "\x1b]0;t\x1b\\",
    "x".repeat(50),
  ];
  let output = "";
  for (let i = 0; output.length < 600_000; i++) {
    output += random() < 0.01 ? ` need\x1b[1mle\x1b[m${i}\x1b[${i}Gend ` : words[Math.floor(random() * 8)];
  }
  const bytes = new TextEncoder().encode(output);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 4 * 40_000);
    parts.push(bytes.subarray(at, at += size));
  }
  const id = addOutput(store, parts);
  const wanted = output.split("need\x1b[1mle\x1b[m").slice(1).map((rest) => `needle${parseInt(rest)}`);
  const found: string[] = [];
  for (const query of wanted) {
    const [hit] = searchOutput(store.db, { text: `${query} end`, sessionId: id, limit: 1 });
    if (hit) {
      assert.equal(match(hit), `${query} end`);
      const place = new TextDecoder().decode(bytes.subarray(hit.seq, hit.seq + 30));
      assert.ok(place.startsWith(`need\x1b[1mle\x1b[m${query.slice(6)}`), JSON.stringify(place));
      found.push(query);
    }
    if (found.length === 40) break;
  }
  assert.deepEqual(found, wanted.slice(0, 40));
});

Deno.test("searchOutput() pages, newest first, and stays within a session when asked", () => {
  using store = new TempStore();
  const parts = ["one hit 1\n", "two hit 2\n", "hit 3\n"];
  const first = addOutput(store, parts);
  addOutput(store, parts);
  const lines = (query: Partial<Parameters<typeof searchOutput>[1]>) =>
    searchOutput(store.db, { text: "hit", limit: 10, ...query }).map((hit) => `${hit.number} ${hit.line}`);
  const all = ["2 hit 3", "2 two hit 2", "2 one hit 1", "1 hit 3", "1 two hit 2", "1 one hit 1"];
  assert.deepEqual(lines({}), all);
  assert.deepEqual(lines({ sessionId: first }), all.slice(3));
  const paged: string[] = [];
  let before: SessionHit | undefined;
  for (;;) {
    const page = searchOutput(store.db, { text: "hit", limit: 4, before });
    paged.push(...page.map((hit) => `${hit.number} ${hit.line}`));
    before = page.at(-1);
    if (page.length < 4) break;
  }
  assert.deepEqual(paged, all);
  assert.deepEqual(lines({ limit: 0 }), []);
});

Deno.test("searchOutput() tells a line that was drawn again and again once", () => {
  using store = new TempStore();
  addOutput(store, Array.from({ length: 50 }, (_, i) => `\x1b[H\r\n* Thinking (esc to interrupt)\r\n${i}`));
  assert.equal(searchOutput(store.db, { text: "thinking", limit: 10 }).length, 1);
});

Deno.test("searchOutput() brings printable text, cut around the match", () => {
  using store = new TempStore();
  addOutput(store, [`${"a ".repeat(400)}ne\u202eedle\u{1f600} ${"b ".repeat(400)}\r\n\x9b31m\xff`]);
  const [hit] = searchOutput(store.db, { text: "ne\u202eedle", limit: 10 });
  assert.ok(hit);
  assert.equal(match(hit), "ne\\u{202e}edle");
  assert.equal(hit.line, printable(hit.line));
  assert.match(hit.line, /^…a .*…$/);
  assert.ok(hit.line.length < 300);
});

Deno.test("searchOutput() finds in what is not UTF-8, and refuses what is too long", () => {
  using store = new TempStore();
  addOutput(store, [Uint8Array.of(0xff, 0xfe, 0x66, 0x6f, 0x6f, 0xc3), "\nfoo bar"]);
  const hits = searchOutput(store.db, { text: "FOO", limit: 10 });
  assert.deepEqual(hits.map((hit) => hit.line), ["foo bar", "\ufffd\ufffdfoo\ufffd"]);
  assert.deepEqual(searchOutput(store.db, { text: " \n ", limit: 10 }), []);
  assert.throws(
    () => searchOutput(store.db, { text: "x".repeat(257), limit: 10 }),
    (error) => error instanceof KmError && error.code === "usage",
  );
});

Deno.test("scanOutput() ends when its time is over, and the next one goes on where it stopped", () => {
  using store = new TempStore();
  const filler = "nothing to see\r\n".repeat(5000);
  addOutput(store, ["the needle\r\n", filler, filler, filler]);
  addOutput(store, ["another needle\r\n", filler, filler]);
  let scan = scanOutput(store.db, { text: "needle", limit: 10, budgetMs: 0 });
  const hits = [...scan.hits];
  let scans = 1;
  while (scan.stoppedAt !== null && scans < 50) {
    scan = scanOutput(store.db, { text: "needle", limit: 10, budgetMs: 0, before: scan.stoppedAt });
    hits.push(...scan.hits);
    scans++;
  }
  assert.deepEqual(hits.map((hit) => hit.line), ["another needle", "the needle"]);
  assert.ok(scans > 4, `${scans} scans`);
});

Deno.test("searchOutput() looks through a picture that has no safe place to begin", () => {
  using store = new TempStore();
  const picture = "QUJD".repeat(40_000);
  addOutput(store, ["before needle\r\n\x1b]1337;File=", picture, picture, picture, "\x07\r\nneedle after"]);
  const lines = (text: string) => searchOutput(store.db, { text, limit: 9 }).map((hit) => hit.line);
  assert.deepEqual(lines("needle"), ["needle after", "before needle"]);
  assert.deepEqual(lines("QUJD"), []);
});

Deno.test("searchOutput() finds what lies across two windows, once", () => {
  using store = new TempStore();
  const filler = "nothing to see\r\n".repeat(5000);
  addOutput(store, [`${filler}enter nee`, `\x1b[1mdle\x1b[C!\r\n${filler}`]);
  const hits = searchOutput(store.db, { text: "needle !", limit: 9 });
  assert.deepEqual(hits.map(({ line, seq }) => [line, seq]), [["enter needle !", filler.length + 6]]);
});

Deno.test("searchOutput() tells what follows a window with the window that it belongs to alone", () => {
  using store = new TempStore();
  const filler = "nothing to see\r\n".repeat(5000);
  // Lines that are longer than what is looked at behind a window, so that each would be cut elsewhere.
  const lines = Array.from({ length: 100 }, (_, i) => `needle ${i} ${"z".repeat(150)}\r\n`).join("");
  addOutput(store, [filler, `\x1b[m${lines}${filler}`]);
  assert.equal(searchOutput(store.db, { text: "needle", limit: 1000 }).length, 100);
});

Deno.test("scanOutput() quotes no secret, whatever of it or around it is looked for", () => {
  using store = new TempStore();
  const token = `ghp_${"a1B2".repeat(9)}`;
  const long = `${"x ".repeat(75)}${token}${" y".repeat(75)}`;
  addOutput(store, [`before ${token} after\r\n`, `edge ${long} end\r\n`]);
  const found = (text: string) => searchOutput(store.db, { text, limit: 10 });
  const [hit] = found("after");
  assert.deepEqual([hit?.line, hit && match(hit)], ["before [redacted:github-token] after", "after"]);
  for (const part of ["ghp_", token, token.slice(10, 20), "before ghp_a"]) {
    const hits = found(part);
    assert.notEqual(hits.length, 0);
    for (const hit of hits) {
      assert.doesNotMatch(hit.line, /ghp_|a1B2/);
      assert.match(match(hit), /redacted:github-token/);
    }
  }
  // Wherever the line is cut, also within the secret.
  for (const part of ["edge", "x x x", "y y y", "end"]) {
    for (const { line } of found(part)) assert.doesNotMatch(line, /ghp_|a1B2/);
  }
});
