/** What `km plugins doctor` says: by group, and one by one what got through. Evidence is a hostile plugin's own words: made printable here. @module */
import { painter } from "../../core/paint.ts";
import { printableStart } from "../../core/printable.ts";
import { formatDuration, plural } from "../../core/quantity.ts";
import type { AttemptResult, HostileReport } from "../../plugins/hostile/hostile_suite.ts";
import type { PlainRun } from "../../plugins/hostile/plain_leak.ts";
import type { Terminal } from "../terminal.ts";

const MAX_EVIDENCE_CHARS = 160;

/** One line for each group, then what got through; `verbose`: each attempt. */
export function doctorLines(
  { report, plain, path }: {
    readonly report: HostileReport;
    readonly plain: PlainRun;
    readonly path: string;
  },
  { terminal, verbose }: { readonly terminal: Terminal; readonly verbose: boolean },
): string[] {
  const paint = painter(terminal.color);
  const { walls, attempts, escaped, durationMs } = report;
  const groups = [...Map.groupBy(attempts, ({ group }) => group)];
  const width = Math.max(0, ...groups.map(([group]) => group.length));
  const through = attempts.filter(({ verdict }) => verdict === "escaped");
  const verdict = escaped === 0
    ? paint("green", "nothing got through")
    : paint("red", `${escaped} GOT THROUGH`);
  return [
    `Deno ${report.deno ?? "of unknown version"}, ${printableStart(path, 400)}`,
    `walls of the system: ${
      walls.networkNamespace ? "no network without a grant" : "the network is closed by Deno alone"
    }; ${walls.dataLimit ? "memory bounded by the kernel" : "memory watched by km alone"}`,
    "",
    ...groups.map(([group, tried]) => `${group.padEnd(width)}  ${countLine(tried)}`),
    ...(verbose ? ["", ...attempts.map((attempt) => attemptLine(attempt, terminal))] : []),
    ...(through.length === 0 || verbose
      ? []
      : ["", ...through.map((attempt) => attemptLine(attempt, terminal))]),
    "",
    plain.leaks
      ? "without the sandbox, a plain deno run reads files that it may not: the sandbox is what stops that"
      : paint(
        "red",
        `a plain deno run did not leak: this Deno is another than the sandbox was made for. It said: ${
          printableStart(plain.said, MAX_EVIDENCE_CHARS)
        }`,
      ),
    `${plural(attempts.length, "attempt")} in ${formatDuration(durationMs)}: ${verdict}`,
  ];
}

function countLine(attempts: readonly AttemptResult[]): string {
  const count = (verdict: AttemptResult["verdict"]) =>
    attempts.filter((one) => one.verdict === verdict).length;
  const [blocked, info, escaped] = [count("blocked"), count("info"), count("escaped")];
  return [
    `${String(blocked).padStart(3)} blocked`,
    ...(info === 0 ? [] : [`${info} harmless`]),
    ...(escaped === 0 ? [] : [`${escaped} GOT THROUGH`]),
  ].join(", ");
}

const MARKS = {
  blocked: ["blocked ", "green"],
  info: ["harmless", "dim"],
  escaped: ["THROUGH ", "red"],
} as const;

function attemptLine({ id, what, verdict, evidence }: AttemptResult, { color }: Terminal): string {
  const [word, style] = MARKS[verdict];
  return `${painter(color)(style, word)}  ${id}: ${what} → ${printableStart(evidence, MAX_EVIDENCE_CHARS)}`;
}
