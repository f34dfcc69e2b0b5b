/** Finds out what a rendered screen shows, by a provider's patterns. @module */
import { printableStart } from "../../core/printable.ts";
import { SCREEN_FLAGS } from "../providers/check_provider.ts";
import type { ScreenRule } from "../providers/provider.ts";

/** Where the cursor is, from 0. */
export interface Cursor {
  readonly x: number;
  readonly y: number;
}

/** What was found on a screen. */
export interface ScreenMatch {
  readonly rule: ScreenRule;
  /** One printable line. */
  readonly reason: string;
}

interface CompiledRule {
  readonly rule: ScreenRule;
  readonly any: readonly RegExp[];
  readonly all: readonly RegExp[];
  readonly none: readonly RegExp[];
}

/** A part of a screen, as rows and as running text. */
interface Region {
  readonly rows: string;
  readonly flow: string;
}

const MAX_REASON_CHARS = 200, MAX_QUOTE_CHARS = 100;
/** What draws frames (U+2500–259F), and whatever stands for space. */
const FRAMES = /[\u2500-\u259f\s]+/gu;

export class ScreenMatcher {
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly ScreenRule[]) {
    const inOrder = [...rules.filter(({ guard }) => guard), ...rules.filter(({ guard }) => !guard)];
    this.#rules = inOrder.map((rule) => ({
      rule,
      any: compiled(rule.any),
      all: compiled(rule.all),
      none: compiled(rule.none),
    }));
  }

  /** The first rule that fits the screen with these rows; guards come first. Null: the screen is not known. */
  match(rows: readonly string[], cursor: Cursor | null): ScreenMatch | null {
    const filled = rows.slice(0, rows.findLastIndex((row) => row.trim() !== "") + 1);
    const atEnd = cursor === null ||
      (cursor.y === filled.length - 1 && cursor.x >= (filled.at(-1)?.trimEnd().length ?? 0));
    const regions = new Map<number, Region>();
    for (const each of this.#rules) {
      if (each.rule.atCursor && !atEnd) continue;
      const wanted = each.rule.where === "all" ? filled.length : Math.min(each.rule.rows, filled.length);
      const region = regions.get(wanted) ?? regionOf(filled, wanted);
      regions.set(wanted, region);
      const found = matchRule(each, region);
      if (found !== null) return { rule: each.rule, reason: reasonOf(each.rule, found) };
    }
    return null;
  }
}

function compiled(sources: readonly string[]): RegExp[] {
  return sources.map((source) => new RegExp(source, SCREEN_FLAGS));
}

function regionOf(filled: readonly string[], count: number): Region {
  const rows = filled.slice(filled.length - count).join("\n");
  return { rows, flow: rows.replace(FRAMES, " ") };
}

/** What was found first; null: the rule does not fit. */
function matchRule({ any, all, none }: CompiledRule, region: Region): string | null {
  const found = (pattern: RegExp) => pattern.exec(region.rows)?.[0] ?? pattern.exec(region.flow)?.[0] ?? null;
  const wanted = all.map(found);
  if (wanted.includes(null) || none.some((pattern) => found(pattern) !== null)) return null;
  if (any.length === 0) return wanted[0] ?? "";
  for (const pattern of any) {
    const one = found(pattern);
    if (one !== null) return one;
  }
  return null;
}

function reasonOf(rule: ScreenRule, found: string): string {
  const quote = printableStart(found.replace(FRAMES, " ").trim(), MAX_QUOTE_CHARS);
  // A function: what was found may have a "$&" in it.
  return printableStart(rule.reason.replace("{match}", () => quote), MAX_REASON_CHARS);
}
