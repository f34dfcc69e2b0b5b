/**
 * Live's table: only the rows in sight stand in the page, whatever the number of those that are held.
 *
 * It follows the end until somebody scrolls up; then what is in sight stays where it is while rows come at the end, leave at the front or
 * are paged in there. The grid keeps the focus and names its active row, because a row that has the focus itself would lose it when it
 * scrolls out of the page.
 * @module
 */
import type { JSX, RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { LiveFeed } from "./live_feed.ts";
import { COLUMNS, LiveRow, rowId } from "./live_row.tsx";
import { anchoredScrollTop, isAtEnd, rowWindow, scrollTopShowing, type Viewport } from "./row_window.ts";

/** Scrolled up to within so many rows of the oldest, older ones are asked for. */
const OLDER_AHEAD_ROWS = 20;

/** Pages looked through by itself while the table is not full. */
const MAX_LOOKS = 10;

export interface LiveTableProps {
  readonly feed: LiveFeed;
  /** Grows by one whenever the feed changed. */
  readonly turn: number;
  readonly active: number | null;
  /** Id of the event in the inspector. */
  readonly openId: string | null;
  readonly following: boolean;
  readonly controls: RefObject<TableControls | null>;
  onFollow(following: boolean): void;
  onPick(number: number): void;
}

/** What the keyboard may ask of the table. */
export interface TableControls {
  /** Scrolls as little as needed to show the row. */
  show(number: number): void;
  focus(): void;
  /** Number of the last row that is wholly in sight. */
  lastInSight(): number;
  readonly pageRows: number;
}

export function LiveTable(props: LiveTableProps): JSX.Element {
  const { feed, active, openId, following, controls, onFollow, onPick } = props;
  const { rows } = feed;
  const scroller = useRef<HTMLDivElement>(null);
  const [size, measure] = useMeasures(scroller);
  // Where the reader is. Not a state: the browser scrolls by itself and tells it afterwards.
  const place = useRef({ scrollTopPx: 0, firstNumber: rows.firstNumber });
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);

  const viewport: Viewport = { ...size, scrollTopPx: placeNow() };
  const { first, end, offsetPx } = rowWindow(viewport, rows.length);

  function placeNow(): number {
    if (following) return Math.max(0, rows.length * size.rowHeightPx - size.heightPx);
    const { scrollTopPx, firstNumber } = place.current;
    return anchoredScrollTop({ ...size, scrollTopPx }, firstNumber, rows.firstNumber);
  }

  useLayoutEffect(() => {
    place.current = { scrollTopPx: viewport.scrollTopPx, firstNumber: rows.firstNumber };
    const element = scroller.current;
    if (element && Math.abs(element.scrollTop - viewport.scrollTopPx) >= 1) {
      element.scrollTop = viewport.scrollTopPx;
    }
  });
  const looks = useRef(0);
  useEffect(() => void (looks.current = 0), [feed]);
  useEffect(() => {
    // A rare thing is looked for page by page; not through the whole store, unless somebody asks for that.
    const isShort = rows.length * size.rowHeightPx < size.heightPx && feed.hasOlder && !feed.loadingOlder;
    if (isShort && looks.current++ < MAX_LOOKS) void feed.loadOlder();
    if (!following && viewport.scrollTopPx < OLDER_AHEAD_ROWS * size.rowHeightPx) void feed.loadOlder();
  });

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const scrollTopPx = element.scrollTop;
    place.current = { scrollTopPx, firstNumber: place.current.firstNumber };
    const height = { scrollTopPx, ...measure.current };
    onFollow(isAtEnd(height, feed.rows.length));
    redraw(undefined);
  }, [feed, onFollow]);

  controls.current = {
    pageRows: Math.max(1, Math.floor(size.heightPx / size.rowHeightPx) - 1),
    focus: () => scroller.current?.focus({ preventScroll: true }),
    lastInSight: () =>
      rows.firstNumber +
      Math.min(rows.length, Math.floor((placeNow() + size.heightPx) / size.rowHeightPx)) - 1,
    show(number) {
      const scrollTopPx = scrollTopShowing({ ...size, scrollTopPx: placeNow() }, number - rows.firstNumber);
      place.current = { scrollTopPx, firstNumber: rows.firstNumber };
      if (scroller.current) scroller.current.scrollTop = scrollTopPx;
    },
  };

  const shown: JSX.Element[] = [];
  for (let offset = first; offset < end; offset++) {
    const number = rows.firstNumber + offset;
    const row = rows.at(number);
    if (row === undefined) continue;
    shown.push(
      <LiveRow
        key={number}
        row={row}
        number={number}
        index={offset + 2}
        active={number === active}
        open={row.id === openId}
        onPick={onPick}
      />,
    );
  }
  const activeIsShown = active !== null && active - rows.firstNumber >= first &&
    active - rows.firstNumber < end;
  return (
    <div
      ref={scroller}
      class="live-grid"
      role="grid"
      tabIndex={0}
      aria-label="Messages"
      aria-rowcount={rows.length + 1}
      aria-colcount={COLUMNS.length}
      {...(activeIsShown && { "aria-activedescendant": rowId(active) })}
      onScroll={onScroll}
    >
      <div role="rowgroup" class="live-head">
        <div role="row" class="live-row live-columns" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <span key={column.class} role="columnheader" class={column.class}>
              {column.class === "c-way" ? <span class="sr-only">{column.label}</span> : column.label}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="live-height" style={{ height: `${rows.length * size.rowHeightPx}px` }}>
        <div class="live-rows" style={{ transform: `translateY(${offsetPx}px)` }}>{shown}</div>
      </div>
    </div>
  );
}

interface Measures {
  readonly heightPx: number;
  readonly rowHeightPx: number;
}

/** How high the scroller and its rows are; a phone's rows are higher. */
function useMeasures(
  scroller: { readonly current: HTMLDivElement | null },
): [Measures, { readonly current: Measures }] {
  const [measures, setMeasures] = useState<Measures>({ heightPx: 600, rowHeightPx: 28 });
  const latest = useRef(measures);
  latest.current = measures;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const update = () => {
      // The heading stays in sight above the rows.
      const heightPx = element.clientHeight - (element.firstElementChild?.clientHeight ?? 0);
      const rowHeightPx = parseFloat(getComputedStyle(element).getPropertyValue("--row-height")) || 28;
      const { current } = latest;
      if (current.heightPx !== heightPx || current.rowHeightPx !== rowHeightPx) {
        setMeasures({ heightPx, rowHeightPx });
      }
    };
    const observer = new ResizeObserver(update);
    observer.observe(element);
    update();
    return () => observer.disconnect();
  }, []);
  return [measures, latest];
}
