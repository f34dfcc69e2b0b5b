/** `km doctor`: is everything in place? @module */

import { kmPaths } from "../../config/paths.ts";
import { EXIT_CODES } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import type { Check, CheckStatus } from "../doctor/check.ts";
import { daemonChecks } from "../doctor/daemon_checks.ts";
import { storeChecks } from "../doctor/store_checks.ts";
import { systemChecks } from "../doctor/system_checks.ts";
import { wrap } from "../help.ts";
import { painter, type Style } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { stdoutTerminal, type Terminal, writeLines } from "../terminal.ts";

export const command = defineCommand({
  name: "doctor",
  summary: "Check that km can do its work, and say what to do where it cannot",
  details: `Exits with ${EXIT_CODES.doctor_failed} when a check failed; warnings do not count.`,
  flags: [{ name: "json", type: "boolean", help: "One JSON object per line" }],
  examples: [["km doctor", "check everything"]],
  json: {
    check: "stable name of the check",
    status: "ok, warn or fail",
    detail: "what was found",
    hint: "what to do about it, or null",
  },
  run({ json }) {
    const paths = kmPaths();
    const checks = [...systemChecks(paths), ...storeChecks(paths.database), ...daemonChecks(paths)];
    writeLines(json ? checks.map((check) => JSON.stringify(check)) : report(checks, stdoutTerminal()));
    return checks.some(({ status }) => status === "fail") ? EXIT_CODES.doctor_failed : 0;
  },
});

const MARKS: Readonly<Record<CheckStatus, readonly [string, Style]>> = {
  ok: ["ok  ", "green"],
  warn: ["warn", "yellow"],
  fail: ["fail", "red"],
};

function report(checks: readonly Check[], terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const width = Math.min(34, Math.max(...checks.map(({ check }) => check.length)));
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
  const failed = checks.filter(({ status }) => status === "fail").length;
  const warned = checks.filter(({ status }) => status === "warn").length;
  const verdict = failed > 0 ? `${failed} failed` : warned > 0 ? `works, ${warned} to look at` : "all well";
  return [...lines, "", paint("bold", verdict)];
}
