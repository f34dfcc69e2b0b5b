/**
 * Tables that fit the terminal. Columns give way in two steps: those that may be cut shrink down to their least width, then the least
 * important are left out.
 * @module
 */

import { type Paint, painter, type Style } from "../core/paint.ts";
import { printable } from "../core/printable.ts";
import type { Terminal } from "./terminal.ts";
import { cut, pad, textWidth } from "./text_width.ts";

/** One column of a table of `Row`s. */
export interface Column<Row> {
  readonly title: string;
  /** The cell's text; the table makes it printable. */
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
  readonly style?: (row: Row) => Style | undefined;
  /** Columns that it may be cut to; absent: never cut. */
  readonly least?: number;
  /** Columns that it takes even where its cells are shorter. */
  readonly atLeast?: number;
  /** Left out when there is no room, the highest first; absent: stays always. */
  readonly rank?: number;
  /** Takes what is left of the line, however long it is, instead of making others shrink. */
  readonly last?: boolean;
  /** True to leave out the column when every cell is empty. */
  readonly optional?: boolean;
}

const SPACE = "  ";
/** A cell longer than this is cut before it is measured: a payload is not looked at to its end. */
const MAX_CELL_CHARS = 1000;

/** Returns the lines of the table. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal: Terminal,
): string[] {
  const measured = columns
    .map((column) => measure(column, rows))
    .filter(({ column, cells }) => !column.optional || cells.some((cell) => cell !== ""));
  const shown = fit(measured, terminal.columns);
  const paint = painter(terminal.color);
  const header = shown.map(({ column, width }) =>
    pad(cut(column.title, width), width, column.align ?? "left")
  );
  const lines = rows.map((row, index) => {
    const cells = shown.map(({ column, cells, width }) => {
      const text = pad(cut(cells[index] ?? "", width), width, column.align ?? "left");
      return paintCell(paint, column.style?.(row), text);
    });
    return cells.join(SPACE).trimEnd();
  });
  return [paint("dim", header.join(SPACE).trimEnd()), ...lines];
}

interface Measured<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  width: number;
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const cells = rows.map((row) => printable(column.cell(row).slice(0, MAX_CELL_CHARS)));
  const width = cells.reduce(
    (widest, cell) => Math.max(widest, textWidth(cell)),
    Math.max(textWidth(column.title), column.atLeast ?? 0),
  );
  return { column, cells, width };
}

function fit<Row>(measured: readonly Measured<Row>[], columns: number): Measured<Row>[] {
  let shown = [...measured];
  while (leastWidth(shown) > columns) {
    const ranked = shown.filter(({ column }) => column.rank !== undefined);
    const first = ranked.sort((a, b) => (b.column.rank ?? 0) - (a.column.rank ?? 0))[0];
    if (!first) break;
    shown = shown.filter((other) => other !== first);
  }
  shrink(shown, columns);
  return shown;
}

/** Takes the missing columns first from the `last` column, then from the widest one that may be cut. */
function shrink<Row>(shown: readonly Measured<Row>[], columns: number): void {
  let missing = totalWidth(shown) - columns;
  const end = shown.find(({ column }) => column.last);
  if (end && missing > 0) {
    const taken = Math.min(missing, end.width - leastOf(end));
    end.width -= taken;
    missing -= taken;
  }
  while (missing-- > 0) {
    const cuttable = shown.filter((one) => one.width > leastOf(one)).sort((a, b) => b.width - a.width)[0];
    if (!cuttable) return;
    cuttable.width--;
  }
}

function leastOf<Row>({ column, width }: Measured<Row>): number {
  return column.least === undefined
    ? width
    : Math.min(width, Math.max(column.least, textWidth(column.title)));
}

function leastWidth<Row>(shown: readonly Measured<Row>[]): number {
  return shown.reduce((sum, one) => sum + leastOf(one), SPACE.length * (shown.length - 1));
}

function totalWidth<Row>(shown: readonly Measured<Row>[]): number {
  return shown.reduce((sum, { width }) => sum + width, SPACE.length * (shown.length - 1));
}

/** Paints the text but not the spaces around it, so that nothing is underlined or coloured for nothing. */
function paintCell(paint: Paint, style: Style | undefined, text: string): string {
  if (style === undefined) return text;
  const body = text.trim();
  if (body === "") return text;
  const start = text.indexOf(body);
  return text.slice(0, start) + paint(style, body) + text.slice(start + body.length);
}
