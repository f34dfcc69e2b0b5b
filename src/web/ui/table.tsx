/** A table that sorts by any of its columns; a row may lead somewhere. @module */
import type { ComponentChildren, JSX } from "preact";
import { navigate } from "../shell/router.ts";
import { type Sort, sortRows } from "./sort.ts";

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  /** What the label means, for those who hover. */
  readonly title?: string;
  readonly numeric?: boolean;
  /** Left out on a phone. */
  readonly wideOnly?: boolean;
  /** What it is sorted by; a column without it cannot be sorted. Null comes last either way. */
  readonly value?: (row: Row) => number | string | null;
  readonly cell: (row: Row) => ComponentChildren;
}

export interface TableProps<Row> {
  /** What the table lists, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Where a row leads. Its first cell should hold the same as a link, for the keyboard. */
  readonly href?: (row: Row) => string;
  readonly isSelected?: (row: Row) => boolean;
  readonly sort?: Sort;
  onSort?(sort: Sort): void;
}

export function Table<Row>(props: TableProps<Row>): JSX.Element {
  const { label, columns, rows, sort } = props;
  const by = columns.find(({ key }) => key === sort?.key)?.value;
  const sorted = sort && by ? sortRows(rows, by, sort.descending) : rows;
  return (
    <div class="table-scroll" role="group" aria-label={label} tabIndex={0}>
      <table class="table">
        <thead>
          <tr>{columns.map((column) => <Head key={column.key} column={column} {...props} />)}</tr>
        </thead>
        <tbody onKeyDown={moveBetweenRows}>
          {sorted.map((row) => <Row key={props.rowKey(row)} row={row} {...props} />)}
        </tbody>
      </table>
    </div>
  );
}

function Head<Row>(
  { column, sort, onSort }: TableProps<Row> & { readonly column: Column<Row> },
): JSX.Element {
  const sorted = sort?.key === column.key;
  const sortable = column.value !== undefined && onSort !== undefined;
  const choose = () =>
    onSort?.({ key: column.key, descending: sorted ? !sort.descending : column.numeric === true });
  return (
    <th
      scope="col"
      class={cellClass(column)}
      title={column.title}
      {...(sorted && { "aria-sort": sort.descending ? "descending" as const : "ascending" as const })}
    >
      {sortable ? <button type="button" onClick={choose}>{column.label}</button> : column.label}
    </th>
  );
}

function Row<Data>(
  { row, columns, href, isSelected }: TableProps<Data> & { readonly row: Data },
): JSX.Element {
  const target = href?.(row);
  const open = (event: MouseEvent) => {
    const onControl = event.target instanceof Element && event.target.closest("a, button, input") !== null;
    if (target === undefined || onControl || getSelection()?.toString()) return;
    navigate(target);
  };
  return (
    <tr
      class={target === undefined ? "" : "linked"}
      {...(isSelected?.(row) && { "aria-selected": "true" as const })}
      onClick={open}
    >
      {columns.map((column) => <td key={column.key} class={cellClass(column)}>{column.cell(row)}</td>)}
    </tr>
  );
}

/** Columns of names, which may be of any length: cut where there is no room. */
const CUT: ReadonlyMap<string, string> = new Map([["name", "name"], ["server", "of"]]);

function cellClass(column: Column<never>): string {
  return `${column.numeric ? "number" : ""} ${column.wideOnly ? "wide-only" : ""} ${
    CUT.get(column.key) ?? ""
  }`.trim();
}

/** Arrow keys go from the link of one row to that of the next. */
function moveBetweenRows(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[event.key];
  if (step === undefined || !(event.target instanceof HTMLAnchorElement)) return;
  const row = event.target.closest("tr");
  const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  const link = next?.querySelector("a");
  if (!link) return;
  event.preventDefault();
  link.focus();
}
