/** What a plugin that is tried out did, as lines. All that it says is made printable. @module */
import { type Paint, painter, type Style } from "../../../core/paint.ts";
import { printable, printableStart } from "../../../core/printable.ts";
import { printableColored } from "../../../core/printable_colored.ts";
import { plural } from "../../../core/quantity.ts";
import type { Happening, MessageReport, Totals } from "../../../plugins/author/report.ts";

/** Longest text of a detail or log line. */
const MAX_CHARS = 2000;
const LEVEL_STYLES = { debug: "dim", info: "cyan", warning: "yellow", error: "red" } as const;
const SEVERITY_STYLES = { info: "cyan", warning: "yellow", critical: "red" } as const;

/** Lines of one message: what it was, then what the plugin did with it. */
export function messageLines(report: MessageReport, color: boolean): string[] {
  const paint = painter(color);
  const { number, event, server, seen, failed, ms } = report;
  const arrow = event.direction === null ? "·" : event.direction === "client_to_server" ? "→" : "←";
  const words = [
    server,
    arrow,
    event.method ?? event.kind,
    event.tool,
    event.method === null ? null : event.kind,
  ];
  const what = words.filter((word) => word !== null).map((word) => printableStart(word, 120)).join(" ");
  const note = seen ? paint("dim", `${ms} ms`) : paint("dim", "not given: outside of its data scope");
  return [
    `${paint("bold", String(number))} ${what}  ${note}`,
    ...(failed === null ? [] : [indent(`${paint("red", "failed")} ${printableStart(failed, MAX_CHARS)}`)]),
    ...report.happenings.flatMap((one) => happeningLines(one, paint, color)),
  ];
}

/** Lines of what happened beside messages. */
export function restLines(happenings: readonly Happening[], color: boolean): string[] {
  return happenings.flatMap((one) => happeningLines(one, painter(color), color));
}

/** One line of what it came to; `all`: how many messages there were to give. */
export function totalsLine(totals: Totals, all: number): string {
  const { seen, failed, findings, metrics, annotations, logs, refused } = totals;
  return [
    `${seen} of ${plural(all, "message")} given`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    [
      plural(findings, "finding"),
      plural(metrics, "metric"),
      plural(annotations, "annotation"),
      plural(logs, "log line"),
    ].join(", "),
    `${refused} refused`,
  ].join("; ");
}

function happeningLines(one: Happening, paint: Paint, color: boolean): string[] {
  switch (one.kind) {
    case "log": {
      const text = one.console === null
        ? printableStart(one.text, MAX_CHARS)
        : color
        ? printableColored(one.console)
        : printableStart(one.text, MAX_CHARS);
      return [
        indent(`${paint(LEVEL_STYLES[one.level], one.console === null ? one.level : "console")} ${text}`),
      ];
    }
    case "refused":
      return [
        indent(`${paint("red", "refused")} ${printable(one.permission)} ${printableStart(one.value, 300)}`),
      ];
    case "stderr":
      return [indent(`${paint("red", "stderr")} ${printableStart(one.text, MAX_CHARS)}`)];
    case "emit":
      return emitLines(one.what, paint);
  }
}

type Emitted = Extract<Happening, { kind: "emit" }>["what"];

function emitLines(what: Emitted, paint: Paint): string[] {
  if (what.type === "metric") {
    return [
      indent(`${paint("green", "metric")} ${printable(what.name)} ${what.value} ${printable(what.unit)}`),
    ];
  }
  if (what.type === "annotation") {
    return [
      indent(
        `${paint("green", "annotation")} ${printable(what.key)}: ${printableStart(what.value, MAX_CHARS)}`,
      ),
    ];
  }
  const style: Style = SEVERITY_STYLES[what.severity];
  return [
    indent(`${paint(style, `finding ${what.severity}`)} ${printable(what.title)}`),
    ...what.detail.split("\n").filter((line) => line !== "").slice(0, 20)
      .map((line) => indent(`  ${printableStart(line, MAX_CHARS)}`)),
  ];
}

function indent(text: string): string {
  return `    ${text}`;
}
