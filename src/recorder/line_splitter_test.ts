import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { verifies } from "../../tests/verifies.ts";
import { LineSplitter } from "./line_splitter.ts";

const encoder = new TextEncoder();
const MAX = 40;

interface Seen {
  text: string;
  sizeBytes: number;
  sha256: string | null;
  outline: string | null;
}

/** Pushes the pieces and returns what came out, gaps as `gap messages bytes`. */
function split(pieces: readonly Uint8Array[], maxStoredBytes = MAX, ends = true): (Seen | string)[] {
  const seen: (Seen | string)[] = [];
  const splitter = new LineSplitter(maxStoredBytes, {
    onLine: ({ bytes, sizeBytes, overflow }) =>
      seen.push({
        text: bytes.toHex(),
        sizeBytes,
        sha256: overflow?.sha256 ?? null,
        outline: overflow === null ? null : JSON.stringify(overflow.outline.value()),
      }),
    onGap: ({ messages, bytes }) => seen.push(`gap ${messages} ${bytes}`),
  });
  for (const piece of pieces) splitter.push(piece.slice(), 1);
  if (ends) splitter.end(1);
  return seen;
}

function lines(text: string, maxStoredBytes = 1000): string[] {
  return split([encoder.encode(text)], maxStoredBytes).map((line) =>
    typeof line === "string"
      ? line
      : new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.fromHex(line.text))
  );
}

/** What the law of the file says, written the slow way. */
function expected(bytes: Uint8Array): Seen[] {
  const parts: { bytes: Uint8Array; ended: boolean }[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 10) continue;
    parts.push({ bytes: bytes.slice(from, at), ended: true });
    from = at + 1;
  }
  if (from < bytes.length) parts.push({ bytes: bytes.slice(from), ended: false });
  return parts.map((part) => part.ended && part.bytes.at(-1) === 13 ? part.bytes.slice(0, -1) : part.bytes)
    .filter((line) => line.some((byte) => byte !== 32 && byte !== 9))
    .map((line) => ({
      text: line.slice(0, MAX).toHex(),
      sizeBytes: line.length,
      sha256: line.length > MAX ? createHash("sha256").update(line).digest("hex") : null,
      outline: null,
    }));
}

Deno.test("LineSplitter gives the same lines whatever the cuts", () => {
  verifies("relay-random-cuts");
  const alphabet = [10, 10, 13, 13, 32, 9, 0, 255, 0xc3, 0xa9, 123, 125, 34, 58, 92, 97, 49];
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from(
      { length: Math.floor(Math.random() * 300) },
      () => Math.random() < 0.3 ? 97 : alphabet[Math.floor(Math.random() * alphabet.length)] as number,
    );
    const whole = split([bytes]);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = 1 + Math.floor(Math.random() * (round % 3 === 0 ? 2 : 60));
      pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    assert.deepEqual(split(pieces), whole, bytes.toHex());
    const withoutOutline = whole.map((line) => typeof line === "string" ? line : { ...line, outline: null });
    assert.deepEqual(withoutOutline, expected(bytes), bytes.toHex());
  }
});

Deno.test("LineSplitter skips blank lines, strips LF and CRLF, keeps a BOM and a last line without an end", () => {
  verifies("fm-18-blank-bom-no-newline", "fm-17-crlf");
  assert.deepEqual(lines("\ufeffa\r\n\r\n \t\nb\n\nc\r\r\nd\r"), ["\ufeffa", "b", "c\r", "d\r"]);
});

Deno.test("LineSplitter keeps a line of exactly the limit whole, with LF, CRLF or no end", () => {
  for (const end of ["\n", "\r\n", ""]) {
    for (const cut of [5, 10, 11]) {
      const bytes = encoder.encode("x".repeat(10) + end);
      const [line] = split([bytes.subarray(0, cut), bytes.subarray(cut)], 10);
      assert.deepEqual(line, { text: "78".repeat(10), sizeBytes: 10, sha256: null, outline: null });
    }
  }
});

Deno.test("LineSplitter hashes and outlines a line of 64 MB in the memory of what it keeps", () => {
  verifies("fm-12-large-messages");
  const piece = new Uint8Array(1024 * 1024).fill(97);
  const head = encoder.encode(`{"result":{"text":"`);
  const tail = encoder.encode(`"},"id":7}\n`);
  const [line] = split([head, ...Array.from({ length: 64 }, () => piece), tail], 1000) as Seen[];
  assert.equal(line?.sizeBytes, head.length + 64 * piece.length + tail.length - 1);
  assert.equal(line?.text.length, 2000);
  assert.equal(line?.outline, `{"result":{},"id":7}`);
});

type Step = string | { bytes: number; lines: number; endsLine: boolean };
const GAPS: [claim: string, steps: Step[], seen: string[]][] = [
  ["between whole lines", ["a\n", { bytes: 10, lines: 2, endsLine: true }, "b\n"], ["a", "gap 2 10", "b"]],
  ["counts a line that was begun", ["a\nxy", { bytes: 10, lines: 2, endsLine: true }, "b\n"], [
    "a",
    "gap 2 12",
    "b",
  ]],
  ["counts a line that goes on after it", [{ bytes: 10, lines: 1, endsLine: false }, "xy\nb\n"], [
    "gap 2 13",
    "b",
  ]],
  ["in the middle of one line", ["xx", { bytes: 5, lines: 0, endsLine: false }, "yy", "z\nb\n"], [
    "gap 1 11",
    "b",
  ]],
  ["joins another before the line ends", [
    { bytes: 5, lines: 0, endsLine: false },
    "yy",
    { bytes: 3, lines: 1, endsLine: true },
    "b\n",
  ], ["gap 1 10", "b"]],
  ["whose line has no end", ["a\n", { bytes: 5, lines: 0, endsLine: false }, "zz"], ["a", "gap 1 7"]],
  ["at the very end", ["a\nxy", { bytes: 4, lines: 1, endsLine: true }], ["a", "gap 1 6"]],
  ["after a line too long to keep", ["x".repeat(2000), { bytes: 1, lines: 1, endsLine: true }, "b"], [
    "gap 1 2001",
    "b",
  ]],
];

for (const [claim, steps, expectation] of GAPS) {
  Deno.test(`LineSplitter tells a gap exactly: ${claim}`, () => {
    verifies("recorder-gap");
    const seen: string[] = [];
    const splitter = new LineSplitter(1000, {
      onLine: ({ bytes }) => seen.push(new TextDecoder().decode(bytes)),
      onGap: ({ messages, bytes }) => seen.push(`gap ${messages} ${bytes}`),
    });
    for (const step of steps) {
      if (typeof step === "string") splitter.push(encoder.encode(step), 1);
      else splitter.gap({ ...step, timeMs: 1 });
    }
    splitter.end(2);
    assert.deepEqual(seen, expectation);
  });
}
