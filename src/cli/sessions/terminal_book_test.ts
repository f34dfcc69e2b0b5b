import { deepEqual, equal } from "node:assert/strict";
import headless from "@xterm/headless";
import { OutputFilter } from "./output_filter.ts";
import { TerminalBook } from "./terminal_book.ts";

const { Terminal } = headless;

/** What undoes `output`. */
function undone(output: string): string {
  const book = new TerminalBook();
  new OutputFilter(book, { clipboard: false }).feed(new TextEncoder().encode(output));
  return book.undo();
}

const CASES: readonly (readonly [name: string, output: string, undo: string])[] = [
  ["the alternate screen", "\x1b[?1049h", "\x1b[?1049l"],
  ["the alternate screen of a snapshot", "\x1b[?47h", "\x1b[?1049l"],
  ["the kitty keyboard", "\x1b[>7u", "\x1b[<1u"],
  ["each level of it", "\x1b[>1u\x1b[>3u\x1b[<u\x1b[>5u", "\x1b[<2u"],
  ["a level that was set and not pushed", "\x1b[=5u", "\x1b[<1u"],
  ["the one of the other screen", "\x1b[?1049h\x1b[>7u\x1b[?1049l", "\x1b[?47h\x1b[<1u\x1b[?47l"],
  ["modifyOtherKeys", "\x1b[>4;2m", "\x1b[>4m"],
  ["the cursor's style", "\x1b[5 q", "\x1b[0 q"],
  ["colours of the palette", "\x1b]4;1;red\x07", "\x1b]104\x1b\\"],
  ["the background", "\x1b]11;#000000\x07", "\x1b]111\x1b\\"],
  ["the origin mode", "\x1b[?6h", "\x1b[?6l"],
  ["reverse wrap", "\x1b[?45h", "\x1b[?45l"],
];

for (const [name, output, undo] of CASES) {
  Deno.test(`TerminalBook undoes ${name}, and nothing that was not changed`, () => {
    equal(undone(output).includes(undo), true, JSON.stringify(undone(output)));
    equal(undone("").includes(undo), false);
  });
}

Deno.test("TerminalBook undoes always what leaves a terminal unusable", () => {
  const undo = undone("");
  for (const mode of [1000, 1002, 1003, 1004, 1006, 2004, 2026, 1]) {
    equal(undo.includes(`\x1b[?${mode}l`), true, `${mode}`);
  }
  for (const text of ["\x1b[?25h", "\x1b[?7h", "\x1b[r", "\x1b[m", "\x1b(B"]) {
    equal(undo.includes(text), true, JSON.stringify(text));
  }
});

Deno.test("TerminalBook is as new once everything is undone", () => {
  const book = new TerminalBook();
  const first = book.undo();
  new OutputFilter(book, { clipboard: false }).feed(
    new TextEncoder().encode("\x1b[?1049h\x1b[>7u\x1b]11;#fff\x07\x1b[?45h"),
  );
  book.undo();
  deepEqual(book.undo(), first);
});

Deno.test("TerminalBook leaves the cursor where it is", async () => {
  const terminal = new Terminal({ cols: 20, rows: 10, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write("\x1b[3;7r\x1b[5;6H", done));
  await new Promise<void>((done) => terminal.write(undone("\x1b[3;7r"), done));
  const { cursorX, cursorY } = terminal.buffer.active;
  terminal.dispose();
  deepEqual([cursorX, cursorY], [5, 4]);
});
