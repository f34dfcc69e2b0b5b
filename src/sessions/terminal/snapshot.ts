/**
 * What makes an empty terminal of the same size what this one is: both screens with what is above them, looks, links, modes, saved cursors,
 * tab stops, character sets, the title, and what was begun and is not finished. `@xterm/addon-serialize` 0.14.0 leaves out much of it
 * (1006, 25, DECSTBM, links, kinds of underline, charsets, tab stops, saved cursors, which row goes on where) and guesses at some.
 * @module
 */
import { charsetFlag } from "./charsets.ts";
import { lookOf, Pen, PLAIN } from "./pen.ts";
import { isWritten, newCell, RowWriter } from "./snapshot_rows.ts";
import type { TerminalModes } from "./terminal_modes.ts";
import type { XtermBuffer, XtermCore } from "./xterm_core.ts";

const HAS_CONTENT = 0x3fffff;
const WIDTH_SHIFT = 22;

/** As text: it goes to a terminal that was just made, or reset. What is pending of an unfinished sequence comes after. */
export function writeSnapshot(core: XtermCore, modes: TerminalModes, title: string): string {
  const out: string[] = [];
  const pen = new Pen(out);
  const rows = new RowWriter(core, out, pen);
  const { normal, alt, active } = core.buffers;
  rows.writeBuffer(normal);
  pen.use(PLAIN);
  writeStops(core, normal, out);
  modes.writeKitty("normal", out);
  if (active === alt) {
    out.push("\x1b[?47h\x1b[H");
    rows.writeBuffer(alt);
    pen.use(PLAIN);
    writeStops(core, alt, out);
    modes.writeKitty("alternate", out);
  } else if (isSaved(alt) || modes.hasKitty("alternate")) {
    out.push(`\x1b[?47h\x1b[${alt.savedY + 1};1H`);
    rows.writeSaved(alt);
    modes.writeKitty("alternate", out);
    out.push("\x1b[?47l");
  }
  if (title !== "") out.push(`\x1b]2;${title}\x1b\\`);
  modes.write(core, out);
  writeCursor(core, rows, pen, out);
  return out.join("");
}

function isSaved({ savedX, savedY, savedCurAttrData: { fg, bg }, savedCharset }: XtermBuffer): boolean {
  return savedX !== 0 || savedY !== 0 || fg !== 0 || bg !== 0 || savedCharset !== undefined;
}

/** Tab stops and the scroll region of one screen, which must be the active one. */
function writeStops(core: XtermCore, buffer: XtermBuffer, out: string[]): void {
  const stops = Array.from({ length: core.cols }, (_, x) => x).filter((x) => buffer.tabs[x]);
  const isUsual = stops.length === Math.ceil(core.cols / 8) && stops.every((x) => x % 8 === 0);
  if (!isUsual) out.push("\x1b[3g", ...stops.map((x) => `\x1b[${x + 1}G\x1bH`));
  if (buffer.scrollTop > 0 || buffer.scrollBottom < core.rows - 1) {
    out.push(`\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`);
  }
}

/** Character sets: what is in each place, and which place is used. */
function writeCharsets(core: XtermCore, out: string[]): void {
  const { charset, glevel, _charsets } = core._charsetService;
  for (const [place, name] of ["(", ")", "*", "+"].entries()) {
    const flag = charsetFlag(_charsets[place]);
    if (flag !== "B") out.push(`\x1b${name}${flag}`);
  }
  if (glevel > 0) out.push(["", "\x0e", "\x1bn", "\x1bo"][glevel] ?? "");
  // `ESC 8` sets the one in use alone; it did so before.
  if (charset !== _charsets[glevel] && charset === core.buffers.active.savedCharset) out.push("\x1b8\x1b[m");
}

/** Ends with the cursor where it is, the pen as it is, and the parser knowing the last character, for those that join it. */
function writeCursor(core: XtermCore, rows: RowWriter, pen: Pen, out: string[]): void {
  const buffer = core.buffers.active;
  const { origin, wraparound } = core.coreService.decPrivateModes;
  const { charset, glevel, _charsets } = core._charsetService;
  const look = lookOf(core, core._inputHandler._curAttrData, true);
  const joins = core._inputHandler._parser.precedingJoinState;
  const width = joins >> 1 & 3;
  const y = buffer.y - (origin ? buffer.scrollTop : 0) + 1;
  const goTo = (x: number) => out.push(`\x1b[${y};${x + 1}H`);
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  const isEarly = joins !== 0 || charset !== _charsets[glevel];
  if (isEarly) writeCharsets(core, out);
  if (joins !== 0 && line !== undefined && buffer.x >= width) {
    const cell = line.loadCell(buffer.x - width, newCell(buffer.getNullCell()));
    if (isWritten(core, cell, look) && cell.content >>> WIDTH_SHIFT === width) {
      goTo(buffer.x - width);
      if (core.coreService.modes.insertMode) out.push(`\x1b[${width}P`);
      return rows.writeCell(cell, look);
    }
    if (!wraparound && width === 2 && buffer.x === core.cols - 1) {
      // It did not fit and was not written, but it is the last character.
      goTo(buffer.x);
      pen.use(look);
      return void out.push("\u3000");
    }
  }
  if (buffer.x < core.cols || line === undefined) goTo(buffer.x);
  else writePendingWrap(core, rows, pen, out, goTo);
  pen.use(look);
  // Nothing joins what was written to get there.
  if (buffer.x >= core.cols) out.push("\x1b\\");
  if (!isEarly) writeCharsets(core, out);
}

/** The cursor behind the last column: only a character that is written there brings it there. */
function writePendingWrap(
  core: XtermCore,
  rows: RowWriter,
  pen: Pen,
  out: string[],
  goTo: (x: number) => void,
): void {
  const buffer = core.buffers.active;
  const cell = newCell(buffer.getNullCell());
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  if (line === undefined) return;
  line.loadCell(core.cols - 1, cell);
  const isWide = (cell.content & HAS_CONTENT) === 0 && cell.content >>> WIDTH_SHIFT === 0;
  const width = isWide ? 2 : 1;
  line.loadCell(core.cols - width, cell);
  goTo(core.cols - width);
  if (core.coreService.modes.insertMode) out.push(`\x1b[${width}P`);
  if ((cell.content & HAS_CONTENT) !== 0) return rows.writeCell(cell);
  // Erased while the cursor stood behind it: the whole row was, since nothing less does not move the cursor.
  pen.use(lookOf(core, cell));
  out.push(" ");
  if (line.translateToString(true) === "") out.push("\x1b[2K");
}
