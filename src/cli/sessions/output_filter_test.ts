import { equal } from "node:assert/strict";
import headless from "@xterm/headless";
import { OutputFilter } from "./output_filter.ts";
import { TerminalBook } from "./terminal_book.ts";

const { Terminal } = headless;

function filtered(text: string, options: { clipboard?: boolean; pieceBytes?: number } = {}): string {
  const filter = new OutputFilter(new TerminalBook(), { clipboard: options.clipboard ?? false });
  const bytes = new TextEncoder().encode(text);
  const size = options.pieceBytes ?? bytes.length;
  let out = "";
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length; at += size) {
    out += decoder.decode(filter.feed(bytes.subarray(at, at + size)), { stream: true });
  }
  return out;
}

/** Questions: whatever a terminal would answer. */
const QUESTIONS = [
  "\x1b[c",
  "\x1b[0c",
  "\x1b[>c",
  "\x1b[=c",
  "\x1bZ",
  "\x05",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[?996n",
  "\x1b[?25$p",
  "\x1b[4$p",
  "\x1b[>q",
  "\x1b[>0q",
  "\x1b[?u",
  "\x1b[?4m",
  "\x1b[14t",
  "\x1b[18t",
  "\x1b[21t",
  "\x1b[1x",
  "\x1b[1;2;3;4;5;6*y",
  "\x1b]10;?\x1b\\",
  "\x1b]11;?\x07",
  "\x1b]4;1;?\x07",
  "\x1b]52;c;?\x07",
  "\x1bP$qm\x1b\\",
  "\x1bP+q544e\x1b\\",
  "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\",
  "\u009bc",
  "\u009d11;?\u0007",
  "\x1b[?1;1;0S",
];

for (const question of QUESTIONS) {
  Deno.test(`OutputFilter keeps a question from the terminal: ${JSON.stringify(question)}`, () => {
    equal(filtered(`a${question}b`), "ab");
    equal(filtered(`a${question}b`, { pieceBytes: 1 }), "ab");
  });
}

/** What does more than draw, and what is left of it. */
const HOSTILE: readonly (readonly [name: string, output: string, left: string])[] = [
  ["the clipboard", "\x1b]52;c;aGk=\x07", ""],
  ["files and more of iTerm2", "\x1b]1337;File=name=YQ==;inline=1:AAAA\x07", ""],
  ["commands of ConEmu", '\x1b]9;6;"calc"\x07', ""],
  ["window sizes", "\x1b[8;10;10t\x1b[2t\x1b[3;0;0t", ""],
  ["printing", "\x1b[5i\x1b[4i", ""],
  ["passing through tmux", "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\", ""],
  ["132 columns", "\x1b[?3h", ""],
  ["8-bit controls", "\x1b G", ""],
  [
    "links that run something",
    "\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07",
    "\x1b]8;;\x1b\\x\x1b]8;;\x1b\\",
  ],
  ["files behind links", "\x1b]8;;file:///etc/passwd\x07x", "\x1b]8;;\x1b\\x"],
  ["titles that are not plain", "\x1b]0;a\u202eb\u200bc\x07", "\x1b]0;abc\x1b\\"],
  ["stacks of titles", "\x1b[22;0t\x1b[23;0t", ""],
  ["keyboards from before the program", "\x1b[<9u", ""],
  ["one mode among others", "\x1b[?3;25l", "\x1b[?25l"],
];

for (const [name, output, left] of HOSTILE) {
  Deno.test(`OutputFilter keeps from the terminal: ${name}`, () => {
    equal(filtered(`${output}.`), `${left}.`);
    equal(filtered(`${output}.`, { pieceBytes: 1 }), `${left}.`);
  });
}

/** What draws passes as it is. */
const DRAWING = [
  "plain é 中 🎉 text\r\n\t\b\x0e\x0f",
  "\x1b[1;31;48;5;12;38:2::1:2:3m\x1b[m",
  "\x1b[10;20H\x1b[2J\x1b[K\x1b[3;5r\x1b[s\x1b[u\x1b7\x1b8\x1bM\x1bD\x1bE",
  "\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[?2004h\x1b[?2026h\x1b[?2026l\x1b[4h\x1b[4l",
  "\x1b(0lqk\x1b(B\x1b#8",
  "\x1b[4 q\x1b[!p\x1b[3S\x1b[2T\x1b[5b",
  "\x1b]8;id=1;https://example.org/a?b=c\x1b\\link\x1b]8;;\x1b\\",
  "\x1b]2;title — with words\x1b\\",
  "\x1b]9;4;1;50\x1b\\\x1b]9;Turn complete\x1b\\",
  "\x1b]11;rgb:00/11/22\x1b\\\x1b]111\x1b\\",
  "\x1b[>1u\x1b[<1u\x1b[>4;2m",
];

for (const text of DRAWING) {
  Deno.test(`OutputFilter passes ${JSON.stringify(text)}`, () => {
    equal(filtered(text), text);
    for (const pieceBytes of [1, 2, 3]) equal(filtered(text, { pieceBytes }), text, `${pieceBytes}`);
  });
}

Deno.test("OutputFilter puts into the title of the window what is to stand there, and into nothing else", () => {
  const filter = new OutputFilter(new TerminalBook(), {
    clipboard: false,
    titleOf: (title) => `${title || "name"} (keys)`,
  });
  const output = "\x1b]0;a\x1b[1;31mb\x07\x1b]2;\x07\x1b]1;icon\x07\x1b]8;;\x07text";
  equal(
    new TextDecoder().decode(filter.feed(new TextEncoder().encode(output))),
    "\x1b]0;a (keys)\x1b\\\x1b[1;31mb\x07\x1b]2;name (keys)\x1b\\\x1b]1;icon\x1b\\\x1b]8;;\x1b\\text",
  );
});

Deno.test("OutputFilter lets programs write to the clipboard where that is allowed, and never read it", () => {
  equal(filtered("\x1b]52;c;aGk=\x07", { clipboard: true }), "\x1b]52;c;aGk=\x1b\\");
  equal(filtered("\x1b]52;c;?\x07", { clipboard: true }), "");
});

Deno.test("OutputFilter answers nothing: a terminal behind it is never asked, whatever comes", async () => {
  const terminal = new Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  const answers: string[] = [];
  terminal.onData((data) => answers.push(data));
  // Any three characters behind an introducer, among those that sequences are made of.
  const parts = ["", "0", "1", "6", ";", "?", ">", "=", "$", " ", "!", "c", "n", "p", "q", "t", "u", "x"];
  const all: string[] = [];
  for (const a of parts) {
    for (const b of parts) {
      for (const c of parts) {
        all.push(
          `\x1b[${a}${b}${c}z`,
          `\x1b[${a}${b}${c}`,
          `\x1b]1${a}${b};?\x07`,
          `\x1bP${a}${b}q${c}m\x1b\\`,
        );
      }
    }
  }
  await new Promise<void>((resolve) => terminal.write(filtered(all.join("\x18")), resolve));
  terminal.dispose();
  equal(answers.join("|"), "");
});

Deno.test("OutputFilter begins anew after what was never finished", () => {
  const filter = new OutputFilter(new TerminalBook(), { clipboard: false });
  equal(filter.feed(new TextEncoder().encode("\x1b]0;never")).length, 0);
  filter.reset();
  equal(new TextDecoder().decode(filter.feed(new TextEncoder().encode("text"))), "text");
});

Deno.test("OutputFilter holds a bounded part of a string without an end", () => {
  const filter = new OutputFilter(new TerminalBook(), { clipboard: true });
  filter.feed(new TextEncoder().encode("\x1b]52;c;"));
  const flood = new TextEncoder().encode("A".repeat(64 * 1024));
  for (let i = 0; i < 64; i++) equal(filter.feed(flood).length, 0);
  equal(new TextDecoder().decode(filter.feed(new TextEncoder().encode("\x07ok"))), "ok");
});
