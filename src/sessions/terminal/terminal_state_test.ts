import assert from "node:assert/strict";
import { ANSWER_BYTES_PER_SECOND } from "./terminal_answers.ts";
import { MAX_SEQUENCE_BYTES } from "./pending_bytes.ts";
import { TestTerminal } from "./testing_terminal.ts";
import { MAX_SIGNALS_PER_WRITE, type TerminalSignal } from "./terminal_signals.ts";

Deno.test("write() counts bytes and parses them before it returns", () => {
  using terminal = new TestTerminal();
  let isDone = false;
  terminal.state.write(new TextEncoder().encode("漢\x1b[3"), () => isDone = true);
  assert.deepEqual([terminal.state.takenSeq, terminal.state.parsedSeq, isDone], [6, 6, true]);
});

Deno.test("write() takes a character in any number of pieces", () => {
  using terminal = new TestTerminal();
  for (const byte of new TextEncoder().encode("it’s — “漢字” 🙂\u{1f000}")) {
    terminal.write(Uint8Array.of(byte));
  }
  assert.equal(terminal.state.screenText()[0], "it’s — “漢字” 🙂\u{1f000}");
});

Deno.test("snapshot() is kept until something changes", async () => {
  using terminal = new TestTerminal();
  const first = await terminal.write("a").state.snapshot();
  assert.equal(await terminal.state.snapshot(), first);
  assert.deepEqual([first.seq, first.size, first.title], [1, { cols: 80, rows: 24 }, ""]);
  assert.notEqual(await terminal.write("b").state.snapshot(), first);
  terminal.state.resize({ cols: 81, rows: 24 });
  assert.deepEqual((await terminal.state.snapshot()).size, { cols: 81, rows: 24 });
});

const MODES: Readonly<Record<string, string>> = {
  "mouse": "\x1b[?1002h\x1b[?1006h",
  "pixels of the mouse": "\x1b[?1003h\x1b[?1016h",
  "encodings of the mouse that xterm.js does not know": "\x1b[?1000h\x1b[?1005h\x1b[?1015h",
  "a hidden cursor": "\x1b[?25l",
  "a scroll region": "\x1b[5;20r",
  "origin mode": "\x1b[5;20r\x1b[?6h\x1b[3;3H",
  "insert mode": "abc\x1b[4h\x1b[1;2H",
  "no wrapping": "\x1b[?7l",
  "focus": "\x1b[?1004h",
  "bracketed paste": "\x1b[?2004h",
  "cursor keys and keypad": "\x1b[?1h\x1b=",
  "synchronized output": "\x1b[?2026h",
  "modifyOtherKeys": "\x1b[>4;2m",
  "the kitty keyboard": "\x1b[>1u\x1b[>7u\x1b[=2;2u",
  "the kitty keyboard of two screens": "\x1b[>1u\x1b[?1049h\x1b[>5u\x1b[>7u\x1b[<u",
  "the shape of the cursor": "\x1b[6 q",
  "the title": "\x1b]2;A title\x07",
  "line drawing": "\x1b(0qqq",
  "a second character set": "\x1b)0\x0eqqq",
  "a saved cursor": "\x1b[31m\x1b[5;9H\x1b7\x1b[m\x1b[H",
  "tab stops": "\x1b[3g\x1b[5G\x1bH\x1b[11G\x1bH\r",
  "the alternate screen over the normal one": "below\x1b[?1049h\x1b[Habove\x1b[3;4H",
  "the pen": "\x1b[1;3;4:3;38;2;1;2;3;48;5;20;58;5;9m",
  "a link that is open": "\x1b]8;;https://km.example/x\x07text",
  "a cursor behind the last column": `\x1b[1m${"x".repeat(80)}\x1b[m`,
  "a character that others join": "e",
  "rows that go on": "x".repeat(200),
  "a colour of blanks": "\x1b[44m\x1b[2J\x1b[m",
  "an unfinished sequence": "a\x1b[38;5;2",
  "an unfinished string": "\x1b]0;half a ti",
  "half a character": "a\u6f22",
};

for (const [what, output] of Object.entries(MODES)) {
  Deno.test(`snapshot() has ${what}`, async () => {
    using terminal = new TestTerminal();
    const bytes = new TextEncoder().encode(output);
    terminal.write(what === "half a character" ? bytes.subarray(0, -1) : bytes);
    using copy = await terminal.copy();
    assert.deepEqual(copy.state.fingerprint(), terminal.state.fingerprint());
    using other = new TestTerminal();
    assert.notDeepEqual(other.state.fingerprint(), terminal.state.fingerprint());
  });
}

const SIGNALS: readonly (readonly [string, readonly TerminalSignal[]])[] = [
  ["\x1b]0;✳ Claude \u202eCode\u200b\x07", [{ kind: "title", text: "✳ Claude Code" }]],
  [`\x1b]2;${"漢".repeat(300)}\x07`, [{ kind: "title", text: "漢".repeat(200) }]],
  ["\x1b]2;a\x07\x1b]2;a\x07", [{ kind: "title", text: "a" }]],
  ["\x1b]7501;state=idle:app=codex\x1b\\", [{ kind: "agent_state", app: "codex", state: "idle" }]],
  ["\x1b]9;4;1;37\x07", [{ kind: "progress", state: "normal", percent: 37 }]],
  ["\x1b]9;4;3\x07", [{ kind: "progress", state: "indeterminate", percent: null }]],
  ["\x1b]9;4;0;\x07", [{ kind: "progress", state: "none", percent: null }]],
  ["\x1b]9;Approval requested\x07", [{ kind: "notification", text: "Approval requested" }]],
  ["\x1b]9;9;/home\x07", []],
  ["\x1b]777;notify;Done;all; of it\x07", [{ kind: "notification", text: "Done: all; of it" }]],
  ["\x07\x07\x07", [{ kind: "bell" }]],
  ["\x1b]52;c;aGVsbG8=\x07", [{ kind: "clipboard", bytes: 10 }]],
  ["\x1b]133;A\x07\x1b]133;D;127\x07", [
    { kind: "prompt", mark: "A", exitCode: null },
    { kind: "prompt", mark: "D", exitCode: 127 },
  ]],
];

Deno.test("signals are read, printable and short", () => {
  for (const [output, signals] of SIGNALS) {
    using terminal = new TestTerminal();
    assert.deepEqual(terminal.write(output).signals, signals, JSON.stringify(output));
  }
});

Deno.test("signals beyond a number in one write are not told", () => {
  using terminal = new TestTerminal();
  terminal.write("\x1b]9;spam\x07\x1b]2;spam\x07\x1b]2;title\x07".repeat(10_000));
  assert.equal(terminal.signals.length, MAX_SIGNALS_PER_WRITE + 1);
  assert.deepEqual(terminal.signals.at(-1), { kind: "title", text: "title" });
  assert.equal(terminal.write("\x1b]9;after\x07").signals.length, MAX_SIGNALS_PER_WRITE + 2);
});

const ANSWERS: readonly (readonly [string, string])[] = [
  ["\x1b[c", "\x1b[?1;2c"],
  ["\x1b[>c", "\x1b[>0;276;0c"],
  ["\x1b[5n", "\x1b[0n"],
  ["ab\x1b[6n", "\x1b[1;3R"],
  ["\x1b[>q", "\x1bP>|xterm.js(6.0.0)\x1b\\"],
  ["\x1b[?u", "\x1b[?0u"],
  ["\x1b[>5u\x1b[?u", "\x1b[?5u"],
  ["\x1b]10;?\x07", "\x1b]10;rgb:d4d4/d4d4/d4d4\x1b\\"],
  ["\x1b]11;?\x1b\\", "\x1b]11;rgb:1212/1414/1818\x1b\\"],
  ["\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"],
  ["\x1b[18t", "\x1b[8;24;80t"],
  // What the asker chose is never said again.
  ["\x1b]2;rm -rf\x07\x1b[21t\x1b[20t", ""],
  ["\x1b[?31337$p", ""],
  ["\x1bP$qrm -rf\x1b\\", "\x1bP0$r\x1b\\"],
  ["\x1b]52;c;?\x07", ""],
];

Deno.test("questions of programs are answered, without their own words", () => {
  for (const [output, answer] of ANSWERS) {
    using terminal = new TestTerminal();
    assert.equal(terminal.write(output).answers, answer, JSON.stringify(output));
  }
});

Deno.test("answers stop at so many bytes a second", () => {
  using terminal = new TestTerminal();
  terminal.write("\x1b[c".repeat(100_000));
  assert.ok(terminal.answers.length <= ANSWER_BYTES_PER_SECOND);
  assert.ok(terminal.state.counts.answersDropped > 90_000);
  terminal.answers = "";
  terminal.nowMs = 1000;
  terminal.write("\x1b[c".repeat(100_000));
  assert.ok(terminal.answers.length > ANSWER_BYTES_PER_SECOND / 2);
  assert.ok(terminal.answers.length <= ANSWER_BYTES_PER_SECOND);
});

Deno.test("screenCells() tells looks, links of the web and no others", () => {
  using terminal = new TestTerminal({ cols: 20, rows: 2 });
  terminal.write(
    "a\x1b[1;31mb漢\x1b[m \x1b]8;;javascript:alert(1)\x07c\x1b]8;;https://km.example\x07d\x1b]8;;\x07",
  );
  const { cells, cursor } = terminal.state.screenCells();
  assert.deepEqual(cells, [[
    { text: "a", width: 1 },
    { text: "b漢", width: 3, fg: 1, bold: true },
    { text: " c", width: 2 },
    { text: "d", width: 1, link: "https://km.example" },
  ], []]);
  assert.deepEqual(cursor, { x: 7, y: 0, visible: true });
});

Deno.test("screenText() and screenAnsi() show the screen", () => {
  using terminal = new TestTerminal({ cols: 10, rows: 2 });
  terminal.write("one\r\ntwo\r\n\x1b[7mthree\x1b[m");
  assert.deepEqual(terminal.state.screenText(), ["two", "three"]);
  assert.deepEqual(terminal.state.screenText({ scrollback: true }), ["one", "two", "three"]);
  assert.equal(terminal.state.screenAnsi(), "two\r\n\x1b[0;7mthree\x1b[0m");
});

const HOSTILE: Readonly<Record<string, string>> = {
  "a title without an end": "\x1b]0;" + "x".repeat(3_000_000),
  "a device string without an end": "\x1bPq" + "x".repeat(3_000_000),
  "an application string without an end": "\x1b_" + "x".repeat(3_000_000),
  "parameters without an end": "\x1b[" + "1;".repeat(1_000_000),
  "combining characters by the million": "e" + "\u0301".repeat(1_000_000),
  "combining characters of what does not fit": "\x1b[?7l" + "🙂\u200d".repeat(300_000),
  "huge counts": [..."STLMIZb@PX"].map((final) => `x\x1b[2147483647${final}`).join("").repeat(20),
  "scroll regions": "\x1b[1;2r\x1b[2;3r\n\x1bM".repeat(100_000),
  "links by the hundred thousand": Array.from(
    { length: 100_000 },
    (_, i) => `\x1b]8;;https://km.example/${i}\x07x`,
  )
    .join("\r"),
  "erasing at the end of the first screen": "\x1b[24;80H\x1b[1J",
  "keyboard stacks": "\x1b[>1u".repeat(100_000) + "\x1b[<2147483647u\x1b[>3u",
};

for (const [what, output] of Object.entries(HOSTILE)) {
  Deno.test(`write() survives ${what}, and its snapshot stays small`, async () => {
    using terminal = new TestTerminal();
    terminal.write(output);
    assert.equal(terminal.state.counts.faults, 0);
    const { bytes } = await terminal.state.snapshot();
    // Each of 80×124 cells may hold sixteen characters.
    assert.ok(bytes.length < 512 * 1024, `${bytes.length} bytes`);
    using copy = await terminal.copy();
    const end = "\x1b\\\x18\x1b[H\x1b[2Jok";
    assert.deepEqual(copy.write(end).state.screenText(), terminal.write(end).state.screenText());
    assert.equal(terminal.state.screenText()[0], "ok");
  });
}

Deno.test("a string that is too long is thrown away to its end, however it is cut", async () => {
  for (
    const [begin, end] of [["\x1b]0;", "\x07"], ["\x1b]52;c;", "\x1b\\"], ["\x1bPq", "\x1b\\"], [
      "\x1b]0;",
      "\u009c",
    ]]
  ) {
    using terminal = new TestTerminal();
    terminal.write(begin + "x".repeat(MAX_SEQUENCE_BYTES + 10));
    using copy = await terminal.copy();
    for (const each of [terminal, copy]) {
      each.write("y".repeat(50_000)).write(end + "after");
      assert.deepEqual([each.state.screenText()[0], each.state.title], ["after", ""], JSON.stringify(begin));
    }
    const isClipboard = begin?.includes("52") ?? false;
    assert.deepEqual(terminal.signals.map(({ kind }) => kind), isClipboard ? ["clipboard"] : []);
  }
});

const TOKEN = `ghp_${"a1B2".repeat(9)}`;

for (
  const [how, write] of Object.entries({
    "by the terminal": `\x1b[2J\x1b[H$ echo ${"x".repeat(60)} ${TOKEN} rest\r\nnext`,
    "by the program": `\x1b[2J\x1b[H$ echo ${"x".repeat(60)} ${TOKEN.slice(0, 12)}\x1b[2;1H${
      TOKEN.slice(12)
    } rest\r\nnext`,
  })
) {
  Deno.test(`maskedText() hides a secret that is broken at the edge ${how}, and leaves other rows as they are`, () => {
    using terminal = new TestTerminal();
    terminal.write(write);
    const rows = terminal.state.screenText();
    assert.equal(rows[0]?.length, 80, "it is broken");
    const masked = terminal.state.maskedText();
    assert.equal(masked.length, rows.length);
    assert.match(masked.slice(0, 2).join(""), /^\$ echo x{60} \[redacted:github-token\] rest$/);
    assert.deepEqual(masked.slice(2), rows.slice(2));
    assert.deepEqual(terminal.state.maskedText({ scrollback: true }), masked);
    terminal.state.hibernate();
    assert.deepEqual(terminal.state.maskedText(), masked);
    assert(terminal.state.isHibernating);
    // The screen itself is as it was written.
    assert.deepEqual(terminal.state.screenText(), rows);
    assert.match(JSON.stringify(terminal.state.screenCells()), new RegExp(TOKEN.slice(12)));
  });
}

Deno.test("maskedText() hides the rest of a secret whose beginning has scrolled off", () => {
  using terminal = new TestTerminal();
  terminal.write(`${"x".repeat(70)} ${TOKEN} rest\r\n${"line\r\n".repeat(22)}`);
  assert.equal(terminal.state.screenText()[0], `${TOKEN.slice(9)} rest`);
  assert.equal(terminal.state.maskedText()[0], ":github-token] rest");
});
