/**
 * What of a JSON text is open in the tree, and how to get to a place in it. Pure; positions in the text name the values.
 *
 * A message of two megabytes opens as fast as a small one: a bounded number of lines is open at first, long lists and strings
 * show their beginning and grow on request.
 * @module
 */
import { childrenOf, type JsonChild, type JsonSpan } from "../message/json_text.ts";

/** Lines open at first. */
const FIRST_LINES = 250;
const FIRST_DEPTH = 6;
/** Children of one container that are shown at once. */
export const PAGE_CHILDREN = 100;
/** Characters of a string that are shown at first, and how many more each time. */
export const FIRST_CHARS = 600;
export const MORE_CHARS = 20_000;
/** More places than anybody looks through. */
export const MAX_MATCHES = 999;

/** `open` names containers by where they begin; `shown` how many children or characters are shown where that is not the usual. */
export interface JsonView {
  readonly open: ReadonlySet<number>;
  readonly shown: ReadonlyMap<number, number>;
}

/** Level by level, as many containers as fit. */
export function firstView(text: string, root: JsonSpan): JsonView {
  const open = new Set<number>();
  let lines = 1;
  let level: readonly JsonSpan[] = [root];
  for (let depth = 0; depth < FIRST_DEPTH && level.length > 0; depth++) {
    const next: JsonSpan[] = [];
    for (const span of level) {
      const children = childrenOf(text, span, PAGE_CHILDREN);
      if (children.length === 0 || (lines + children.length > FIRST_LINES && depth > 0)) continue;
      open.add(span.start);
      lines += children.length;
      next.push(...children.filter(isContainer));
    }
    level = next;
  }
  return { open, shown: new Map() };
}

/** The view with the container at `start` opened or closed. */
export function toggled(view: JsonView, start: number): JsonView {
  const open = new Set(view.open);
  if (!open.delete(start)) open.add(start);
  return { ...view, open };
}

/** The view that shows `count` children or characters of the value at `start`. */
export function showing(view: JsonView, start: number, count: number): JsonView {
  return { ...view, shown: new Map(view.shown).set(start, count) };
}

/** The view in which what stands at `offset` can be seen. */
export function revealing(text: string, root: JsonSpan, view: JsonView, offset: number): JsonView {
  const open = new Set(view.open);
  const shown = new Map(view.shown);
  let span = root;
  while (isContainer(span)) {
    open.add(span.start);
    const children: readonly JsonChild[] = childrenOf(text, span);
    const at = children.findIndex((child) => child.from <= offset && offset < child.end);
    const child = children[at];
    if (!child) break;
    if (at >= (shown.get(span.start) ?? PAGE_CHILDREN)) shown.set(span.start, at + PAGE_CHILDREN);
    if (offset < child.start) break; // in its key
    span = child;
  }
  if (span.kind === "string" && offset - span.start >= (shown.get(span.start) ?? FIRST_CHARS)) {
    shown.set(span.start, offset - span.start + FIRST_CHARS);
  }
  return { open, shown };
}

/** Where `words` stand in the text, in any case; at most `MAX_MATCHES` places. */
export function findAll(text: string, words: string): readonly number[] {
  const pattern = matchPattern(words);
  const places: number[] = [];
  if (!pattern) return places;
  for (const { index } of text.matchAll(pattern)) {
    places.push(index);
    if (places.length >= MAX_MATCHES) break;
  }
  return places;
}

/** Finds `words` as JSON text writes them; null for none. */
export function matchPattern(words: string): RegExp | null {
  if (words === "") return null;
  const written = JSON.stringify(words).slice(1, -1);
  return new RegExp(written.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");
}

export function isContainer({ kind }: JsonSpan): boolean {
  return kind === "object" || kind === "array";
}
