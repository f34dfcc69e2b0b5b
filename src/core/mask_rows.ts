/** Rows of a screen without secrets: also without one that goes on in the next row. @module */
import { findSecrets } from "./redact.ts";

export interface ScreenRow {
  /** With the blanks at its end when it goes on in the next row. */
  readonly text: string;
  /** Its line goes on in the next row. */
  readonly goesOn: boolean;
}

/** As many rows as there were: of a secret in several, each shows what is left of its mask there. */
export function maskRows(rows: readonly ScreenRow[]): string[] {
  const starts: number[] = [];
  let all = "";
  for (const { text, goesOn } of rows) {
    starts.push(all.length);
    all += goesOn ? text : `${text}\n`;
  }
  const secrets = findSecrets(all);
  let next = 0;
  /** Characters of the mask of the secret at `next` that stand in rows before. */
  let shown = 0;
  return rows.map(({ text }, index) => {
    const start = starts[index] ?? 0, end = start + text.length;
    let row = "", at = start;
    for (let secret = secrets[next]; secret && secret.start < end; secret = secrets[next]) {
      row += all.slice(at, Math.max(at, secret.start));
      const isLast = secret.end <= end;
      const room = end - Math.max(start, secret.start);
      const part = secret.mask.replaceAll("\n", " ").slice(shown, isLast ? undefined : shown + room);
      row += part;
      at = Math.min(secret.end, end);
      shown += part.length;
      if (!isLast) break;
      next++;
      shown = 0;
    }
    return row + all.slice(at, end);
  });
}
