/** The doctor's report: lines for people, objects for programs. @module */
import { painter, type Style } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { plural } from "../../core/quantity.ts";
import { wrap } from "../help.ts";
import { jsonText } from "../json_text.ts";
import type { Terminal } from "../terminal.ts";
import type { Check, CheckStatus } from "./check.ts";
import type { Outcome } from "./fix.ts";

const MARKS: Readonly<Record<CheckStatus, readonly [string, Style]>> = {
  ok: ["ok  ", "green"],
  warn: ["warn", "yellow"],
  fail: ["fail", "red"],
};

const OUTCOMES: Readonly<Record<Outcome["kind"], readonly [string, Style]>> = {
  done: ["fixed", "green"],
  failed: ["not fixed", "red"],
  left: ["left", "yellow"],
};

/** One check as `--json` prints it. Field names and order are a stable contract. `fixed`: what `--fix` did. */
export function checkJson({ check, status, detail, hint, repair }: Check, fixed: string | null): string {
  return jsonText({ check, status, detail, hint, fix: repair?.does ?? null, fixed });
}

/** All checks, then a verdict. */
export function reportLines(checks: readonly Check[], terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const width = Math.min(34, Math.max(0, ...checks.map(({ check }) => check.length)));
  const indent = " ".repeat(width + 8);
  const room = Math.max(24, Math.min(terminal.columns, 120) - indent.length);
  const lines = checks.flatMap(({ check, status, detail, hint }) => {
    const [mark, style] = MARKS[status];
    const [first = "", ...more] = wrap(printable(detail), room);
    const hints = hint === null
      ? []
      : wrap(`→ ${printable(hint)}`, room).map((line) => indent + paint(style, line));
    const head = `${paint(style, mark)}  ${printable(check).padEnd(width)}  ${first}`;
    return [head, ...more.map((line) => indent + line), ...hints];
  });
  return [...lines, "", paint("bold", verdict(checks))];
}

function verdict(checks: readonly Check[]): string {
  const count = (wanted: CheckStatus) => checks.filter(({ status }) => status === wanted).length;
  const [failed, warned] = [count("fail"), count("warn")];
  return failed > 0 ? `${failed} failed` : warned > 0 ? `works, ${warned} to look at` : "all well";
}

/** What could be done about the checks; nothing when nothing can. */
export function offerLines(checks: readonly Check[], terminal: Terminal): string[] {
  const mendable = checks.filter(({ repair }) => repair !== null);
  if (mendable.length === 0) return [];
  return [
    "",
    `${plural(mendable.length, "thing")} that km can mend ("km doctor --fix" asks before each):`,
    ...mendable.flatMap(({ check, repair }) => entry(check, repair?.does ?? "", terminal)),
  ];
}

/** What came of a repair. */
export function outcomeLines({ check, kind, text, hint }: Outcome, terminal: Terminal): string[] {
  const [word, style] = OUTCOMES[kind];
  const paint = painter(terminal.color);
  const hints = hint === null ? [] : wrap(`→ ${printable(hint)}`, room(terminal)).map((line) => `  ${line}`);
  const lines = wrap(`${printable(check)}: ${printable(text)}`, room(terminal));
  return [`${paint(style, word)}  ${lines[0] ?? ""}`, ...lines.slice(1).map((line) => `  ${line}`), ...hints];
}

function entry(check: string, text: string, terminal: Terminal): string[] {
  const [first = "", ...more] = wrap(`${printable(check)}: ${printable(text)}`, room(terminal));
  return [`  ${first}`, ...more.map((line) => `    ${line}`)];
}

function room(terminal: Terminal): number {
  return Math.max(24, Math.min(terminal.columns, 120) - 6);
}
