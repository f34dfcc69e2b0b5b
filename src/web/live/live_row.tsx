/** One row of Live's table, and what its columns are called. Drawn again only when something of it changed. @module */
import { Component, type JSX } from "preact";
import { printable } from "../../core/printable.ts";
import { formatBytes, formatDuration, formatTimeOfDay } from "../../core/quantity.ts";
import { formatAbsolute } from "../ui/time.tsx";
import { arrowOf, wayOf } from "../message/direction.ts";
import type { Row } from "../message/row.ts";

/** Columns in order; `class` is the one of their cells too. */
export const COLUMNS = [
  { class: "c-time", label: "Time" },
  { class: "c-server", label: "Server" },
  { class: "c-way", label: "Direction" },
  { class: "c-kind", label: "Kind" },
  { class: "c-method", label: "Method" },
  { class: "c-tool", label: "Tool" },
  { class: "c-took", label: "Took" },
  { class: "c-size", label: "Size" },
  { class: "c-preview", label: "Preview" },
] as const;

export interface LiveRowProps {
  readonly row: Row;
  readonly number: number;
  /** Place among all rows, counted from 1, the heading being the first. */
  readonly index: number;
  /** The keyboard is here. */
  readonly active: boolean;
  /** The inspector shows it. */
  readonly open: boolean;
  onPick(number: number): void;
}

export class LiveRow extends Component<LiveRowProps> {
  override shouldComponentUpdate(next: LiveRowProps): boolean {
    const { row, index, active, open } = this.props;
    return row !== next.row || index !== next.index || active !== next.active || open !== next.open;
  }

  override render({ row, number, index, active, open, onPick }: LiveRowProps): JSX.Element {
    return (
      <div
        role="row"
        id={rowId(number)}
        class={`live-row${row.failed ? " failed" : ""}${active ? " active" : ""}${open ? " open" : ""}`}
        aria-rowindex={index}
        aria-selected={open}
        onClick={() => onPick(number)}
      >
        <span role="gridcell" class="c-time" title={formatAbsolute(row.time)}>
          {formatTimeOfDay(new Date(row.time))}
        </span>
        <span role="gridcell" class="c-server" title={printable(row.server)}>{printable(row.server)}</span>
        <span
          role="gridcell"
          class={`c-way ${row.direction ?? ""}`}
          aria-label={wayOf(row)}
          title={wayOf(row)}
        >
          {arrowOf(row)}
        </span>
        <span role="gridcell" class={`c-kind kind-${row.kind}`}>
          {row.kind}
          {row.failed && row.kind === "response" && <span class="sr-only">, failed</span>}
        </span>
        <span role="gridcell" class="c-method">{printable(row.method ?? "")}</span>
        <span role="gridcell" class="c-tool">{printable(row.tool ?? "")}</span>
        <span role="gridcell" class="c-took">{formatDuration(row.durationMs)}</span>
        <span role="gridcell" class="c-size">
          {formatBytes(row.sizeBytes)}
          {row.truncated && <span title="Stored in part">…</span>}
        </span>
        <span role="gridcell" class="c-preview">{row.preview}</span>
      </div>
    );
  }
}

export function rowId(number: number): string {
  return `live-row-${number}`;
}
