import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import {
  commandLine,
  coordinates,
  environmentBlock,
  processInformation,
  startupInfo,
  STARTUPINFOEX_BYTES,
  wideString,
} from "./conpty_layout.ts";

Deno.test.each([
  [["C:\\a.exe", "b"], "C:\\a.exe b"],
  [["C:\\Program Files\\a.exe", ""], '"C:\\Program Files\\a.exe" ""'],
  [["a", 'say "hi"'], 'a "say \\"hi\\""'],
  [["a", "b c\\"], 'a "b c\\\\"'],
  [["a", "b\\c", "d\\"], "a b\\c d\\"],
  [["a", 'b\\"c'], 'a "b\\\\\\"c"'],
  [["a", "tab\there"], 'a "tab\there"'],
])("commandLine() is split into %j again", (words, line) => {
  assert.equal(commandLine(words), line);
  assert.deepEqual(splitLikeRuntime(line), words);
});

/** The rules of the C runtime, from its documentation. */
function splitLikeRuntime(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    while (/[ \t]/.test(line[at] ?? "")) at++;
    let word = "";
    for (let isQuoted = false; at < line.length && (isQuoted || !/[ \t]/.test(line[at] ?? ""));) {
      const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0;
      at += slashes;
      const isBeforeQuote = line[at] === '"';
      word += "\\".repeat(isBeforeQuote ? slashes >> 1 : slashes);
      if (isBeforeQuote && slashes % 2 === 1) word += line[at++];
      else if (isBeforeQuote) {
        isQuoted = !isQuoted;
        at++;
      } else if (slashes === 0) word += line[at++];
    }
    words.push(word);
  }
  return words;
}

Deno.test("environmentBlock() is sorted without regard to case and ends twice", () => {
  const text = (block: Uint16Array) => String.fromCharCode(...block);
  assert.equal(text(environmentBlock({ b: "2", A: "1", C: "ü=x" })), "A=1\0b=2\0C=ü=x\0\0");
  assert.equal(text(environmentBlock({})), "\0\0");
});

Deno.test("wideString() is UTF-16 with a NUL, also beyond 16 bits", () => {
  assert.deepEqual([...wideString("a😀")], [0x61, 0xd83d, 0xde00, 0]);
});

Deno.test("coordinates() has columns low and rows high", () => {
  assert.equal(coordinates({ cols: 120, rows: 40 }), 40 * 65536 + 120);
});

Deno.test("startupInfo() is a STARTUPINFOEXW of 64 bits", () => {
  verifies("pty-systems");
  const bytes = startupInfo(0x1122334455667788n);
  const view = new DataView(bytes.buffer);
  assert.equal(bytes.length, 112);
  assert.equal(view.getUint32(0, true), STARTUPINFOEX_BYTES);
  assert.equal(view.getUint32(60, true), 0x100);
  assert.equal(view.getBigUint64(104, true), 0x1122334455667788n);
});

Deno.test("processInformation() reads handles and the process id", () => {
  const view = new DataView(new ArrayBuffer(24));
  view.setBigUint64(0, 100n, true);
  view.setBigUint64(8, 200n, true);
  view.setUint32(16, 4711, true);
  assert.deepEqual(processInformation(new Uint8Array(view.buffer)), {
    process: 100n,
    thread: 200n,
    pid: 4711,
  });
});
