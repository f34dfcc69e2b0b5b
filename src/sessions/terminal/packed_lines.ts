/**
 * Lines above the screen, packed. xterm.js spends 12 bytes on each cell, used or not, and half a kilobyte more on each line: a full terminal of
 * 120×40 with 1,000 lines takes 2 MB. Nothing but a change of size looks at those lines again, so they are kept as runs of one look instead.
 *
 * A packed line is the same object with `length` -1 and bytes for cells. xterm.js takes the oldest line of a full buffer for a new one and
 * copies a blank one into it, which makes a line of any length a usual one; before it resizes, all lines are unpacked.
 * @module
 */
import type { XtermBuffer, XtermCore, XtermLine } from "./xterm_core.ts";

/** Unpacked lines that are waited for, so that one buffer holds the bytes of many. */
const AT_LEAST = 48;
const PACKED = -1;
const WORDS = 3;
/** A cell that was never written: of width 1, no character, the terminal's own look. */
const BLANK = 1 << 22;
const ASCII = 1 << 22;
const MARK = 0x80;

/** What `BufferLine` of xterm.js 6.0.0 is made of. */
interface Line extends XtermLine {
  _data: Uint32Array | Uint8Array;
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, unknown>;
  length: number;
  isWrapped: boolean;
}

/** Stands for the two tables of a line that has nothing in them; never written to, since packed lines are not. */
const NONE: Record<number, never> = Object.freeze({});
/** Room to write lines. */
let room = new Uint8Array(64 * 1024);
/** Cells that packed lines had, for the next lines: what is made and thrown away all the time stays resident. By how many words. */
const spare = new Map<number, Uint32Array[]>();
/** A line of 120 columns has 1,440 bytes. */
const MAX_SPARE = 256, MAX_SPARE_WIDTHS = 16;

function giveBack(data: Uint32Array | Uint8Array): void {
  if (!(data instanceof Uint32Array) || data.byteLength !== data.buffer.byteLength) return;
  const list = spare.get(data.length) ?? [];
  if (list.length === 0 && spare.size >= MAX_SPARE_WIDTHS) spare.clear();
  if (list.length === 0) spare.set(data.length, list);
  if (list.length < MAX_SPARE) list.push(data);
}

function cellsLike(data: Uint32Array | Uint8Array): Uint32Array {
  const cells = spare.get(data.length)?.pop();
  if (cells === undefined) return new Uint32Array(data);
  cells.set(data);
  return cells;
}

/** Has lines of xterm.js take spare cells when they are made, and when a packed one becomes the next. For all terminals. */
export function reuseCells(core: XtermCore): void {
  // As: see `Line`; the methods are those of `BufferLine`.
  const line = core.buffers.normal.lines.get(0) as Line;
  const prototype = Object.getPrototypeOf(line) as { clone(): Line; copyFrom(line: Line): void };
  if (prototype.clone === clone) return;
  const { copyFrom } = prototype;
  prototype.clone = clone;
  prototype.copyFrom = function (this: Line, from: Line): void {
    if (isPacked(this)) {
      this._data = cellsLike(from._data);
      this.length = from.length;
    }
    copyFrom.call(this, from);
  };
}

function clone(this: Line): Line {
  const line = Object.create(Object.getPrototypeOf(this)) as Line; // As: of the same class, with all of its members below.
  line._data = cellsLike(this._data);
  line._combined = { ...this._combined };
  line._extendedAttrs = { ...this._extendedAttrs };
  line.isWrapped = this.isWrapped;
  line.length = this.length;
  return line;
}

/** Packs what is above the screen, if it is worth it. */
export function packLines(core: XtermCore): void {
  const { lines, ybase } = core.buffers.normal;
  const probe = ybase - AT_LEAST;
  if (probe < 0 || isPacked(lines.get(probe))) return;
  const packed: Line[] = [];
  const ends: number[] = [];
  let end = 0;
  for (let y = ybase - 1; y >= 0; y--) {
    const line = lines.get(y) as Line | undefined; // As: it is a BufferLine; see `Line`.
    if (line === undefined || isPacked(line)) continue;
    end = pack(line, end);
    packed.push(line);
    ends.push(end);
  }
  const all = room.slice(0, end);
  for (const [i, line] of packed.entries()) {
    giveBack(line._data);
    line._data = all.subarray(ends[i - 1] ?? 0, ends[i]);
    line.length = PACKED;
    if (isEmpty(line._combined)) line._combined = NONE;
    if (isEmpty(line._extendedAttrs)) line._extendedAttrs = NONE;
  }
}

/** Makes every line what xterm.js expects it to be. */
export function unpackLines(core: XtermCore): void {
  const { lines } = core.buffers.normal;
  for (let y = 0; y < lines.length; y++) {
    const line = lines.get(y) as Line | undefined; // As above.
    if (line !== undefined && isPacked(line)) unpackInto(line, line, core.cols);
  }
}

/** Line `y` of `buffer`, to be read: a copy if it is packed. */
export function lineAt(core: XtermCore, buffer: XtermBuffer, y: number): XtermLine | undefined {
  const line = buffer.lines.get(y) as Line | undefined; // As above.
  if (line === undefined || !isPacked(line)) return line;
  const copy: Line = Object.create(Object.getPrototypeOf(line));
  copy.isWrapped = line.isWrapped;
  unpackInto(line, copy, core.cols);
  return copy;
}

function isPacked(line: XtermLine | undefined): boolean {
  return line?.length === PACKED;
}

function isEmpty(table: object): boolean {
  for (const _ in table) return false;
  return true;
}

/**
 * Runs: how many cells (u16), `fg`, `bg` (u32), then each cell: a byte of ASCII, or a mark and the word. Writes from `start` of `room` on, and
 * returns where it ends.
 */
function pack(line: Line, start: number): number {
  const data = line._data;
  let used = data.length / WORDS;
  while (used > 0 && isBlank(data, (used - 1) * WORDS)) used--;
  const most = start + used * 15 + 2;
  if (room.length < most) {
    const more = new Uint8Array(most * 2);
    more.set(room);
    room = more;
  }
  let at = start;
  for (let x = 0; x < used;) {
    const fg = data[x * WORDS + 1] ?? 0, bg = data[x * WORDS + 2] ?? 0;
    const head = at;
    at = writeWord(writeWord(at + 2, fg), bg);
    let count = 0;
    for (; x < used && data[x * WORDS + 1] === fg && data[x * WORDS + 2] === bg; x++, count++) {
      const content = data[x * WORDS] ?? 0;
      const code = content ^ ASCII;
      if (code < MARK) room[at++] = code;
      else {
        room[at++] = MARK;
        at = writeWord(at, content);
      }
    }
    room[head] = count & 0xff;
    room[head + 1] = count >> 8;
  }
  return at;
}

function isBlank(data: Uint32Array | Uint8Array, at: number): boolean {
  return data[at] === BLANK && data[at + 1] === 0 && data[at + 2] === 0;
}

function writeWord(at: number, word: number): number {
  room[at] = word;
  room[at + 1] = word >>> 8;
  room[at + 2] = word >>> 16;
  room[at + 3] = word >>> 24;
  return at + 4;
}

function unpackInto(from: Line, to: Line, cols: number): void {
  const bytes = from._data;
  const data = new Uint32Array(cols * WORDS);
  const word = (at: number) =>
    ((bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 |
      (bytes[at + 3] ?? 0) << 24) >>> 0;
  let cell = 0;
  for (let at = 0; at < bytes.length;) {
    const fg = word(at + 2), bg = word(at + 6);
    let count = (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8;
    at += 10;
    for (; count > 0; count--, cell += WORDS) {
      const byte = bytes[at++] ?? 0;
      data[cell] = byte < MARK ? byte | ASCII : word(at);
      if (byte === MARK) at += 4;
      data[cell + 1] = fg;
      data[cell + 2] = bg;
    }
  }
  for (; cell < data.length; cell += WORDS) data[cell] = BLANK;
  to._data = data;
  to._combined = { ...from._combined };
  to._extendedAttrs = { ...from._extendedAttrs };
  to.length = cols;
}
