/**
 * Rows of a terminal as what writes them into an empty one: text, looks, colours of blanks, which row goes on in the next, and the saved
 * cursor, which has to be saved while its row is written, since rows above the screen cannot be reached later.
 *
 * The terminal it is written to must have its modes as they are at first: it wraps, it does not insert, its character sets are ASCII.
 * @module
 */
import { charsetFlag } from "./charsets.ts";
import { COLOR, type Look, lookOf, type Pen, PLAIN } from "./pen.ts";
import { lineAt } from "./packed_lines.ts";
import type { XtermBuffer, XtermCell, XtermCore, XtermLine } from "./xterm_core.ts";

const HAS_CONTENT = 0x3fffff;
const WIDTH_SHIFT = 22;
const FILL_BITS = 0x3ffffff;
/** A character of two columns that is written to be written over. */
const WIDE = "\u3000";

/** Writes rows into `out`. */
export class RowWriter {
  readonly #core: XtermCore;
  readonly #out: string[];
  readonly #pen: Pen;
  readonly #cell: XtermCell;
  readonly #next: XtermCell;

  constructor(core: XtermCore, out: string[], pen: Pen) {
    this.#core = core;
    this.#out = out;
    this.#pen = pen;
    this.#cell = core.buffers.active.getNullCell();
    this.#next = newCell(this.#cell);
    this.#cell = newCell(this.#cell);
  }

  /** All rows of `buffer`, the cursor being in the first one's first column. */
  writeBuffer(buffer: XtermBuffer): void {
    const last = this.#lastRow(buffer);
    if (lineAt(this.#core, buffer, 0)?.isWrapped) this.#beginWrapped(buffer);
    let above: XtermLine | undefined;
    for (let y = 0; y <= last; y++) {
      const line = lineAt(this.#core, buffer, y);
      if (line === undefined) continue;
      if (y > 0) this.#newRow(line, above);
      above = line;
      if (y === Math.min(buffer.savedY, last)) this.writeSaved(buffer);
      this.#writeRow(line);
    }
  }

  /** Rows below that were never written need not be either; those above the screen must exist, to be above it. */
  #lastRow(buffer: XtermBuffer): number {
    let last = buffer.lines.length - 1;
    const least = Math.max(
      buffer.ybase > 0 ? buffer.ybase + this.#core.rows - 1 : 0,
      Math.min(buffer.savedY, last),
    );
    while (last > least && isBlank(this.#core, lineAt(this.#core, buffer, last), this.#cell)) last--;
    return last;
  }

  /** The first row goes on from one that is gone: a row is put above it and taken away. */
  #beginWrapped({ lines }: XtermBuffer): void {
    const isFull = lines.length === lines.maxLength;
    // In a terminal of one row only a row too many goes away; otherwise the first one stays as if nothing was before.
    if (this.#core.rows === 1 && !isFull) return;
    this.#out.push(`\x1b[${this.#core.cols}Gxx`);
    this.#out.push(this.#core.rows === 1 ? "\r\x1b[X" : "\x1b[H\x1b[M\x1b[X");
  }

  #newRow(line: XtermLine, above: XtermLine | undefined): void {
    const { cols } = this.#core;
    if (!line.isWrapped) {
      this.#pen.useNoFill();
      this.#out.push("\r\n");
      return;
    }
    const end = above?.loadCell(cols - 1, this.#cell);
    if (end !== undefined && (end.content & HAS_CONTENT) === 0 && end.content >>> WIDTH_SHIFT === 1) {
      // A wide character that does not fit leaves the last cell empty, with the look of the pen.
      this.#pen.use(lookOf(this.#core, end));
      this.#out.push(`\x1b[${cols}G${WIDE}`);
    } else {
      this.#pen.useNoFill();
      this.#out.push("x");
    }
    this.#pen.useNoFill();
    this.#out.push(`\r\x1b[${cols}X`);
  }

  /** The cursor that `ESC 7` saved, saved again. The cursor ends in the first column. */
  writeSaved(buffer: XtermBuffer): void {
    const look = lookOf(this.#core, buffer.savedCurAttrData);
    const flag = charsetFlag(buffer.savedCharset);
    const { fg, bg } = buffer.savedCurAttrData;
    if (buffer.savedX === 0 && buffer.savedY === 0 && flag === "B" && fg === 0 && bg === 0) return;
    this.#pen.use({ ...look, uri: "", underlineColor: 0 });
    if (flag !== "B") this.#out.push(`\x1b(${flag}`);
    this.#out.push(`\x1b[${buffer.savedX + 1}G\x1b7\r`);
    if (flag !== "B") this.#out.push("\x1b(B");
    this.#pen.use(PLAIN);
  }

  #writeRow(line: XtermLine): void {
    const { cols } = this.#core;
    const cell = this.#cell;
    this.#writeStyledEnd(line);
    let blanks = 0;
    for (let x = 0; x < cols; x++) {
      line.loadCell(x, cell);
      const width = cell.content >>> WIDTH_SHIFT;
      const isHalf = width === 2 && !this.#isSecondHalf(line, x + 1);
      if (isHalf && x === cols - 2) {
        this.#skip(blanks);
        this.#writeHalfAtEnd(line, x);
        break;
      }
      if ((cell.content & HAS_CONTENT) === 0 || isHalf) {
        if (isUnstyled(cell)) {
          blanks++;
          continue;
        }
        this.#skip(blanks);
        blanks = 0;
        if (isFilled(cell)) x = this.#writeFill(line, x);
        else if (x < cols - 1) this.#writeStyledBlank(x);
        continue;
      }
      this.#skip(blanks);
      blanks = 0;
      this.writeCell(cell);
      if (width === 2) x++;
    }
  }

  /** A wide character loses its second half at the end of a row to one that does not fit and does not wrap. */
  #writeHalfAtEnd(line: XtermLine, x: number): void {
    this.writeCell(line.loadCell(x, this.#cell));
    this.#pen.use(lookOf(this.#core, line.loadCell(x + 1, this.#cell)));
    this.#out.push(`\x1b[?7l${WIDE}\x1b[?7h`);
  }

  #isSecondHalf(line: XtermLine, x: number): boolean {
    if (x >= this.#core.cols) return false;
    line.loadCell(x, this.#next);
    return (this.#next.content & (HAS_CONTENT | 3 << WIDTH_SHIFT)) === 0;
  }

  /** A character with its look, or that of the pen, at the cursor. */
  writeCell(cell: XtermCell, look = lookOf(this.#core, cell)): void {
    const text = cell.getChars();
    this.#pen.use(look);
    // One without width joins what was written before, unless a sequence stands between.
    if (
      text.length > 0 && this.#core.unicodeService._providers["11"]?.wcwidth(text.codePointAt(0) ?? 0) === 0
    ) {
      this.#out.push("\x1b\\");
    }
    this.#out.push(text);
  }

  #skip(columns: number): void {
    if (columns > 0) this.#out.push(`\x1b[${columns}C`);
  }

  /** Blanks of one colour from `x` on; the column of the last one. */
  #writeFill(line: XtermLine, x: number): number {
    const look = lookOf(this.#core, this.#cell);
    let end = x;
    while (end + 1 < this.#core.cols) {
      line.loadCell(end + 1, this.#next);
      const isSame = (this.#next.content & HAS_CONTENT) === 0 && isFilled(this.#next) &&
        lookOf(this.#core, this.#next).bg === look.bg;
      if (!isSame) break;
      end++;
    }
    this.#pen.use(look);
    this.#out.push(`\x1b[${end - x + 1}X`);
    if (end + 1 < this.#core.cols) this.#out.push(`\x1b[${end - x + 1}C`);
    return end;
  }

  /** A blank keeps more than a colour when half of a wide character is written over; what is right of it is written later. */
  #writeStyledBlank(x: number): void {
    this.#pen.use(lookOf(this.#core, this.#cell));
    this.#out.push(`${WIDE}\x1b[${x + 2}Gx\x1b[${x + 2}G\x1b[X`);
  }

  /** As `#writeStyledBlank`, for the last column, from its left; before the rest of the row. */
  #writeStyledEnd(line: XtermLine): void {
    const { cols } = this.#core;
    const cell = line.loadCell(cols - 1, this.#cell);
    if (
      (cell.content & HAS_CONTENT) !== 0 || cell.content >>> WIDTH_SHIFT !== 1 || isUnstyled(cell) ||
      isFilled(cell)
    ) {
      return;
    }
    this.#pen.use(lookOf(this.#core, cell));
    this.#out.push(`\x1b[${cols - 1}G${WIDE}\x1b[${cols - 1}Gx\x1b[${cols - 1}G`);
    this.#pen.useNoFill();
    this.#out.push("\x1b[X\r");
  }
}

/** A cell of its own: buffers hand out the same one again and again. */
export function newCell(of: XtermCell): XtermCell {
  // As: the same class, whose members are all there or on its prototype.
  return Object.assign(Object.create(Object.getPrototypeOf(of)), of) as XtermCell;
}

/** A blank of the terminal's own colour and nothing else. */
function isUnstyled(cell: XtermCell): boolean {
  return cell.fg === 0 && cell.bg === 0;
}

/** A blank that has only a colour. */
function isFilled(cell: XtermCell): boolean {
  return cell.fg === 0 && (cell.bg & ~FILL_BITS) === 0 && (cell.bg & COLOR.kind) !== 0;
}

function isBlank(core: XtermCore, line: XtermLine | undefined, cell: XtermCell): boolean {
  if (line === undefined) return true;
  if (line.isWrapped) return false;
  for (let x = 0; x < core.cols; x++) {
    line.loadCell(x, cell);
    if ((cell.content & HAS_CONTENT) !== 0 || !isUnstyled(cell)) return false;
  }
  return true;
}

/** Whether this cell has a character, with a look equal to `look`. */
export function isWritten(core: XtermCore, cell: XtermCell, look: Look): boolean {
  const own = lookOf(core, cell);
  return (cell.content & HAS_CONTENT) !== 0 && own.fg === look.fg && own.bg === look.bg &&
    own.uri === look.uri;
}
