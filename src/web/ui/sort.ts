/** The order of a table's rows, and how an address writes it. @module */

export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

/** Reads `calls` or `-calls` (descending); `otherwise` when there is none. */
export function parseSort(text: string | null, otherwise: Sort): Sort {
  if (text === null || text === "") return otherwise;
  return text.startsWith("-") ? { key: text.slice(1), descending: true } : { key: text, descending: false };
}

export function formatSort({ key, descending }: Sort): string {
  return descending ? `-${key}` : key;
}

/** Returns `rows` in order of `by`. Null comes last either way; equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  by: (row: Row) => number | string | null,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  });
}

function compare(left: number | string, right: number | string): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "en", { numeric: true });
}
