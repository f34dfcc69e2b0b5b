import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MAX_SEQUENCE_BYTES } from "./pending_bytes.ts";
import { ANSWER_BYTES_PER_SECOND } from "./terminal_answers.ts";
import { hostileStream, seeded } from "./testing_streams.ts";
import { TestTerminal } from "./testing_terminal.ts";

const FOLDER = fileURLToPath(new URL("./fixtures", import.meta.url));
const RECORDINGS = ["vim", "less", "top", "git_log", "python_repl", "man", "tmux"];

/** All that somebody outside can tell two terminals apart by. */
function facts({ state, answers, signals }: TestTerminal): unknown {
  const { takenSeq, size, title, cursor, isAlternate, isBracketedPaste, isCursorVisible } = state;
  const rows = state.screenText();
  return {
    takenSeq,
    size,
    title,
    cursor,
    isAlternate,
    isBracketedPaste,
    isCursorVisible,
    rows,
    answers,
    signals,
    ...state.counts,
  };
}

/** Plays `bytes` to one that never hibernates and to one that does at random points, and looks whether they can be told apart. */
function play(bytes: Uint8Array, random: () => number, size: { cols: number; rows: number }): void {
  using always = new TestTerminal(size, 60);
  using other = new TestTerminal(size, 60);
  let naps = 0;
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(random() * bytes.length / 4);
    for (const terminal of [always, other]) terminal.write(bytes.subarray(at, end));
    at = end;
    if (random() < 0.3) continue;
    naps++;
    other.state.hibernate();
    assert.deepEqual(facts(other), facts(always), `hibernating at ${at}`);
    assert.equal(other.state.isHibernating, true);
    if (random() < 0.5) {
      assert.deepEqual(other.state.fingerprint(), always.state.fingerprint(), `awake at ${at}`);
      assert.equal(other.state.isHibernating, false);
    }
  }
  if (naps === 0) other.state.hibernate();
  assert.deepEqual(other.state.fingerprint(), always.state.fingerprint(), "at the end");
  assert.deepEqual(facts(other), facts(always), "at the end");
}

for (const name of RECORDINGS) {
  Deno.test(`hibernate() within ${name} cannot be seen`, async () => {
    const bytes = await Deno.readFile(`${FOLDER}/${name}.raw`);
    for (let seed = 1; seed <= 15; seed++) {
      const random = seeded(seed * 31 + bytes.length);
      try {
        play(bytes, random, { cols: 80, rows: 24 });
      } catch (error) {
        assert.fail(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
      }
    }
  });
}

/** Once each, with the streams and cuts of the replay test: where a snapshot is exact, hibernating is. */
Deno.test("hibernate() within hostile output cannot be seen", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seeded(seed * 7919);
    const size = { cols: 4 + Math.floor(random() * 60), rows: 2 + Math.floor(random() * 14) };
    const bytes = hostileStream(seed, 10 + Math.floor(random() * 120));
    const lines = seed % 2 ? 20 : 120;
    const cut = Math.floor(random() * bytes.length);
    using always = new TestTerminal(size, lines);
    using other = new TestTerminal(size, lines);
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      for (const terminal of [always, other]) terminal.write(part);
      assert.deepEqual(facts(other), facts(always), `seed ${seed}`);
      if (part.byteOffset === 0) other.state.hibernate();
      assert.deepEqual(facts(other), facts(always), `seed ${seed}, hibernating`);
      assert.deepEqual(other.state.fingerprint(), always.state.fingerprint(), `seed ${seed}`);
    }
  }
});

Deno.test("hibernate() before and after changes of size cannot be seen", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    using always = new TestTerminal({ cols: 80, rows: 24 }, 120);
    using other = new TestTerminal({ cols: 80, rows: 24 }, 120);
    for (let i = 0; i < 4; i++) {
      const text = `\x1b[3${i}mline ${i} ${"word ".repeat(Math.floor(random() * 40))}\x1b[m\r\n`.repeat(40);
      const size = { cols: 20 + Math.floor(random() * 200), rows: 3 + Math.floor(random() * 60) };
      for (const terminal of [always, other]) terminal.write(text);
      other.state.hibernate();
      for (const terminal of [always, other]) terminal.state.resize(size);
      if (i % 2) other.state.hibernate();
      assert.deepEqual(facts(other), facts(always), `seed ${seed}`);
    }
    assert.deepEqual(other.state.fingerprint(), always.state.fingerprint(), `seed ${seed}`);
  }
});

Deno.test("hibernate() tells and answers nothing again", () => {
  using terminal = new TestTerminal();
  terminal.write(
    "\x1b]2;A title\x07\x07\x1b]9;done\x07\x1b]52;c;aGk=\x07\x1b[c\x1b]7501;state=idle:app=x\x07",
  );
  const { answers, signals: { length } } = terminal;
  terminal.state.hibernate();
  terminal.write("x");
  assert.deepEqual([terminal.answers, terminal.signals.length, terminal.state.title], [
    answers,
    length,
    "A title",
  ]);
  terminal.write("\x1b[6n\x1b]2;Another\x07\x07");
  assert.equal(terminal.answers, `${answers}\x1b[1;2R`);
  assert.deepEqual(terminal.signals.slice(length), [{ kind: "title", text: "Another" }, { kind: "bell" }]);
});

const STARTED: Readonly<Record<string, readonly [string, string]>> = {
  "a title": ["\x1b]2;half a ti", "tle\x07"],
  "a notification": ["\x1b]9;do", "ne\x1b\\"],
  "a question": ["\x1b[", "6n"],
  "a device string": ["\x1bP$q", "m\x1b\\"],
  "a control within": ["\x1b[3\n1", ";1mx"],
  "a character": ["\u00e2\u0082", "\u00ac"],
  "a string that is too long": ["\x1b]52;c;" + "x".repeat(MAX_SEQUENCE_BYTES + 10), "y\x07z"],
  "a device string that is too long": ["\x1bPq" + "x".repeat(MAX_SEQUENCE_BYTES + 10), "y\x1b\\z"],
};

for (const [what, [start, end]] of Object.entries(STARTED)) {
  Deno.test(`hibernate() within ${what} goes on with it`, () => {
    const isText = what !== "a character";
    const bytes = (text: string) =>
      isText ? new TextEncoder().encode(text) : Uint8Array.from(text, (c) => c.charCodeAt(0));
    using always = new TestTerminal();
    using other = new TestTerminal();
    for (const part of [start, end]) {
      for (const terminal of [always, other]) terminal.write(bytes(part));
      other.state.hibernate();
    }
    assert.deepEqual(other.state.fingerprint(), always.state.fingerprint());
    assert.deepEqual(facts(other), facts(always));
  });
}

Deno.test("hibernate() leaves the budget of answers as it is", () => {
  using terminal = new TestTerminal();
  terminal.write("\x1b[c".repeat(2000));
  const dropped = terminal.state.counts.answersDropped;
  terminal.state.hibernate();
  terminal.write("\x1b[c".repeat(100));
  assert.equal(terminal.state.counts.answersDropped, dropped + 100);
  assert.ok(terminal.answers.length <= ANSWER_BYTES_PER_SECOND);
});

Deno.test("snapshot() of one that hibernates does not wake it; what shows more than rows does", async () => {
  using terminal = new TestTerminal();
  const first = await terminal.write("one\r\n\x1b[31mtwo").state.snapshot();
  terminal.state.hibernate();
  assert.equal(await terminal.state.snapshot(), first);
  terminal.state.resize({ cols: 80, rows: 24 });
  assert.deepEqual(terminal.state.screenText().slice(0, 2), ["one", "two"]);
  assert.equal(terminal.state.isHibernating, true);
  const wakes: readonly (() => unknown)[] = [
    () => assert.match(terminal.state.screenAnsi(), /31mtwo/),
    () => assert.equal(terminal.state.screenCells().cells[1]?.[0]?.fg, 1),
    () => assert.deepEqual(terminal.state.screenText({ scrollback: true }).slice(0, 2), ["one", "two"]),
    () => terminal.write(""),
    () => terminal.state.resize({ cols: 90, rows: 24 }),
  ];
  for (const wake of wakes) {
    terminal.state.hibernate();
    assert.equal(terminal.state.isHibernating, true);
    wake();
    assert.equal(terminal.state.isHibernating, false, String(wake));
  }
});

Deno.test("unusedMs counts from the last output, change of size, or waking", () => {
  using terminal = new TestTerminal();
  terminal.nowMs = 100;
  assert.equal(terminal.state.unusedMs, 100);
  terminal.write("x");
  assert.equal(terminal.state.unusedMs, 0);
  terminal.nowMs = 200;
  terminal.state.hibernate();
  assert.equal(terminal.state.unusedMs, 100);
  terminal.state.screenCells();
  assert.equal(terminal.state.unusedMs, 0);
});
