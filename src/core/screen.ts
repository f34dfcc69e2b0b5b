/** What a terminal shows, as data: the `cells` form of `GET /api/sessions/:id/screen`. @module */

/**
 * A colour: null is the terminal's own; a number is one of its palette (0–255); a text is `#rrggbb`.
 */
export type CellColor = number | string | null;

/** How text looks; what is left out is false, or the terminal's own colour. */
export interface CellStyle {
  readonly fg?: number | string;
  readonly bg?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  /** How it is underlined. */
  readonly underline?: "single" | "double" | "curly" | "dotted" | "dashed";
  readonly underlineColor?: number | string;
  readonly blink?: true;
  readonly inverse?: true;
  readonly invisible?: true;
  readonly strikethrough?: true;
  readonly overline?: true;
  /** Target of a hyperlink: `http:` or `https:`, nothing else. */
  readonly link?: string;
}

/**
 * Neighbouring cells of one look. `text` may hold wide and combined characters: `width` says how many columns it takes. Columns that were
 * never written are blanks; blanks at the end of a row that look as nothing are left out.
 */
export interface CellRun extends CellStyle {
  readonly text: string;
  /** Columns. */
  readonly width: number;
}

/**
 * The visible screen.
 *
 * ```json
 * { "cols": 80, "rows": 2, "alternate": false, "title": "vim", "cursor": { "x": 2, "y": 0, "visible": true },
 *   "cells": [[{ "text": "$ ", "width": 2 }, { "text": "漢", "width": 2, "fg": 2, "bold": true }], []] }
 * ```
 */
export interface ScreenCells {
  readonly cols: number;
  readonly rows: number;
  /** Whether the alternate screen (of full-screen programs) is shown. */
  readonly alternate: boolean;
  /** As the program set it, printable; empty: none. */
  readonly title: string;
  readonly cursor: ScreenCursor;
  /** One list of runs for each row, from the top. */
  readonly cells: readonly (readonly CellRun[])[];
}

/** Where the cursor is, from 0; `x` is `cols` when the next character goes to the next row. */
export interface ScreenCursor {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
}
