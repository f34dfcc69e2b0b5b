/** Which rows stand in the page: arithmetic of a table whose rows all have one height. Pure. @module */

/** Rows that stand ready above and below what is visible, so that a turn of the wheel meets no blank. */
const OVERSCAN_ROWS = 8;

export interface Viewport {
  readonly scrollTopPx: number;
  readonly heightPx: number;
  readonly rowHeightPx: number;
}

/** Rows `first` to before `end`, counted from the oldest, of which the first lies `offsetPx` below the top. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
  readonly offsetPx: number;
}

/** Returns the rows that must stand in the page. */
export function rowWindow({ scrollTopPx, heightPx, rowHeightPx }: Viewport, count: number): RowWindow {
  const top = Math.floor(Math.max(0, scrollTopPx) / rowHeightPx) - OVERSCAN_ROWS;
  const visible = Math.ceil(heightPx / rowHeightPx) + 1 + 2 * OVERSCAN_ROWS;
  const first = Math.max(0, Math.min(top, count - visible));
  return { first, end: Math.min(count, first + visible), offsetPx: first * rowHeightPx };
}

/** True when the end of the rows is in sight: half a row may be missing, because browsers round. */
export function isAtEnd({ scrollTopPx, heightPx, rowHeightPx }: Viewport, count: number): boolean {
  return scrollTopPx + heightPx >= count * rowHeightPx - rowHeightPx / 2;
}

/** Where to scroll to so that the row in sight stays where it is, after rows before it came or went. */
export function anchoredScrollTop(
  viewport: Viewport,
  firstNumberBefore: number,
  firstNumber: number,
): number {
  return Math.max(0, viewport.scrollTopPx + (firstNumberBefore - firstNumber) * viewport.rowHeightPx);
}

/** Where to scroll to so that row `at` is wholly in sight, by as little as possible. */
export function scrollTopShowing({ scrollTopPx, heightPx, rowHeightPx }: Viewport, at: number): number {
  const top = at * rowHeightPx;
  if (top < scrollTopPx) return top;
  return Math.max(scrollTopPx, top + rowHeightPx - heightPx);
}
