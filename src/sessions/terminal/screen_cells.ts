/** The screen as data, and as text. @module */
import type { CellColor, CellRun, CellStyle, ScreenCells } from "../../core/screen.ts";
import { BG, COLOR, FG, type Look, lookOf, Pen, PLAIN, sameLook } from "./pen.ts";
import { maskRows } from "../../core/mask_rows.ts";
import { lineAt } from "./packed_lines.ts";
import { newCell } from "./snapshot_rows.ts";
import type { XtermBuffer, XtermCore, XtermLine } from "./xterm_core.ts";

const HAS_CONTENT = 0x3fffff;
const WIDTH_SHIFT = 22;
const UNDERLINES = ["single", "single", "double", "curly", "dotted", "dashed"] as const;

interface Run {
  text: string;
  width: number;
  readonly look: Look;
}

/** The visible screen of the active buffer. */
export function screenCells(core: XtermCore, title: string): ScreenCells {
  const buffer = core.buffers.active;
  return {
    cols: core.cols,
    rows: core.rows,
    alternate: buffer === core.buffers.alt,
    title,
    cursor: { x: buffer.x, y: buffer.y, visible: !core.coreService.isCursorHidden },
    cells: screenLines(core).map((line) => runsOf(core, line).map(cellRun)),
  };
}

/** Rows as text, without blanks at their ends. */
export function screenText(core: XtermCore, withScrollback: boolean): string[] {
  const buffer = core.buffers.active;
  const { lines, ybase } = buffer;
  const from = withScrollback ? 0 : ybase;
  return Array.from(
    { length: lines.length - from },
    (_, i) => (lineAt(core, buffer, from + i)?.translateToString(true) ?? "").trimEnd(),
  );
}

/** The same without secrets, also where the edge of the screen cuts one. */
export function maskedText(core: XtermCore, withScrollback: boolean): string[] {
  const buffer = core.buffers.active;
  const { lines, ybase } = buffer;
  const first = withScrollback ? 0 : ybase;
  let from = first;
  // What has scrolled off may be the beginning of a secret.
  while (from > 0 && goesOn(core, buffer, from - 1)) from--;
  const rows = Array.from({ length: lines.length - from }, (_, i) => {
    const text = lineAt(core, buffer, from + i)?.translateToString(false) ?? "";
    const isCut = goesOn(core, buffer, from + i);
    return { text: isCut ? text : text.trimEnd(), goesOn: isCut };
  });
  return maskRows(rows).slice(first - from).map((row) => row.trimEnd());
}

/** The next row belongs to the same line, or looks so: full-screen programs break lines themselves, and fill rows to the edge. */
function goesOn(core: XtermCore, buffer: XtermBuffer, y: number): boolean {
  if (y + 1 >= buffer.lines.length) return false;
  if (lineAt(core, buffer, y + 1)?.isWrapped) return true;
  const text = lineAt(core, buffer, y)?.translateToString(false) ?? "";
  return text !== "" && !/\s$/.test(text);
}

/** The visible screen with looks, one row for each line, ending with the terminal's own look: to be printed. */
export function screenAnsi(core: XtermCore): string {
  const out: string[] = [];
  const pen = new Pen(out);
  for (const [y, line] of screenLines(core).entries()) {
    if (y > 0) out.push("\r\n");
    for (const { text, look } of runsOf(core, line)) {
      pen.use({ ...look, uri: "", bg: look.bg & ~BG.protected });
      out.push(text);
    }
    pen.use(PLAIN);
  }
  return out.join("");
}

function screenLines(core: XtermCore): (XtermLine | undefined)[] {
  const { lines, ybase } = core.buffers.active;
  return Array.from({ length: core.rows }, (_, y) => lines.get(ybase + y));
}

/** Neighbours of one look, up to the last cell that looks like something. */
function runsOf(core: XtermCore, line: XtermLine | undefined): Run[] {
  const runs: Run[] = [];
  if (line === undefined) return runs;
  const cell = newCell(core.buffers.active.getNullCell());
  for (let x = 0; x < core.cols; x++) {
    line.loadCell(x, cell);
    const width = cell.content >>> WIDTH_SHIFT;
    const isEmpty = (cell.content & HAS_CONTENT) === 0;
    if (isEmpty && width === 0 && (runs.at(-1)?.text ?? "") !== "") continue;
    const look = lookOf(core, cell);
    const columns = width === 2 ? 2 : 1;
    const last = runs.at(-1);
    if (last !== undefined && sameLook(last.look, look)) {
      last.text += isEmpty ? " " : cell.getChars();
      last.width += columns;
    } else runs.push({ text: isEmpty ? " " : cell.getChars(), width: columns, look });
  }
  const last = runs.at(-1);
  if (last !== undefined && sameLook(last.look, PLAIN)) {
    const text = last.text.trimEnd();
    last.width -= last.text.length - text.length;
    last.text = text;
    if (text === "") runs.pop();
  }
  return runs;
}

function cellRun({ text, width, look }: Run): CellRun {
  return { text, width, ...styleOf(look) };
}

function styleOf({ fg, bg, underlineStyle, underlineColor, uri }: Look): CellStyle {
  const foreground = colorOf(fg), background = colorOf(bg), underline = colorOf(underlineColor);
  return {
    ...foreground === null ? {} : { fg: foreground },
    ...background === null ? {} : { bg: background },
    ...fg & FG.bold ? { bold: true } : {},
    ...bg & BG.dim ? { dim: true } : {},
    ...bg & BG.italic ? { italic: true } : {},
    ...underlineStyle > 0 ? { underline: UNDERLINES[underlineStyle] ?? "single" } : {},
    ...underline === null ? {} : { underlineColor: underline },
    ...fg & FG.blink ? { blink: true } : {},
    ...fg & FG.inverse ? { inverse: true } : {},
    ...fg & FG.invisible ? { invisible: true } : {},
    ...fg & FG.strikethrough ? { strikethrough: true } : {},
    ...bg & BG.overline ? { overline: true } : {},
    ...uri === "" ? {} : { link: uri },
  };
}

function colorOf(value: number): CellColor {
  const kind = value & COLOR.kind;
  if (kind === 0) return null;
  return kind === COLOR.rgb ? `#${(value & 0xffffff).toString(16).padStart(6, "0")}` : value & 0xff;
}
