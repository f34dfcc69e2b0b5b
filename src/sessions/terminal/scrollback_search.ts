/** Search in what a terminal remembers. @module */
import { lineAt } from "./packed_lines.ts";
import type { XtermCore } from "./xterm_core.ts";

/** A place where a text stands. */
export interface ScrollbackHit {
  /** From 0 at the oldest line, the screen's rows included. */
  readonly row: number;
  /** That row as text. */
  readonly line: string;
  /** Where in `line` it begins, and ends, in UTF-16 units; a text that goes on in the next row ends with this one. */
  readonly start: number;
  readonly end: number;
}

/** At most `limit` places of `text`, newest first, whatever its case; also where a text goes on in the next row. */
export function searchScrollback(core: XtermCore, text: string, limit: number): ScrollbackHit[] {
  const buffer = core.buffers.active;
  const get = (y: number) => lineAt(core, buffer, y);
  const wanted = text.toLowerCase();
  const hits: ScrollbackHit[] = [];
  if (wanted === "") return hits;
  for (let y = buffer.lines.length - 1; y >= 0 && hits.length < limit; y--) {
    const first = y;
    let below = get(first + 1)?.isWrapped === true ? "" : null;
    const line = get(y)?.translateToString(below === null) ?? "";
    for (
      let next = y + 1;
      below !== null && below.length < wanted.length && get(next)?.isWrapped;
      next++
    ) {
      below += get(next)?.translateToString(get(next + 1)?.isWrapped !== true) ?? "";
    }
    const found: ScrollbackHit[] = [];
    const all = (line + (below ?? "")).toLowerCase();
    for (
      let at = all.indexOf(wanted);
      at >= 0 && at < line.length;
      at = all.indexOf(wanted, at + wanted.length)
    ) {
      found.push({ row: y, line: line.trimEnd(), start: at, end: Math.min(at + wanted.length, line.length) });
    }
    hits.push(...found.reverse());
  }
  return hits.slice(0, limit);
}
