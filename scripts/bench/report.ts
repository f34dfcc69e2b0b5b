/** Turns measurements into Markdown. @module */

/** One promise of the product, next to what was measured. */
export interface Bar {
  readonly claim: string;
  readonly measured: string;
  readonly pass: boolean;
}

/** A table with its title and the words that explain it. */
export interface Section {
  readonly title: string;
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly bars: readonly Bar[];
}

/** The whole report: machine, bars, then every section. */
export function renderReport(
  title: string,
  sections: readonly Section[],
  machine: readonly string[],
): string {
  const bars = sections.flatMap((section) => section.bars);
  const verdicts = bars.map((bar) => [bar.claim, bar.measured, bar.pass ? "PASS" : "**MISS**"]);
  return [
    `## ${title}`,
    machine.map((line) => `- ${line}`).join("\n"),
    ...(bars.length > 0 ? ["### Bars", renderTable(["bar", "measured", ""], verdicts)] : []),
    ...sections.flatMap((s) => [`### ${s.title}`, s.note, renderTable(s.columns, s.rows)]),
  ].join("\n\n") + "\n";
}

function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) =>
    Math.max(3, column.length, ...rows.map((row) => (row[i] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((w, i) => (cells[i] ?? "").padEnd(w)).join(" | ")} |`;
  return [line(columns), `| ${widths.map((w) => "-".repeat(w)).join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** Where and how the figures came about: `command` is what repeats them. */
export async function describeMachine(
  command: string,
  rounds: number,
): Promise<readonly string[]> {
  const cpuinfo = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const cpu = cpuinfo.match(/model name\s*:\s*(.+)/)?.[1] ?? Deno.build.arch;
  const memoryGb = Math.round(Deno.systemMemoryInfo().total / 1e9);
  return [
    `Command: \`${command}\``,
    `Date: ${
      new Date().toISOString().slice(0, 10)
    }; Deno ${Deno.version.deno}; ${rounds} interleaved rounds, medians`,
    `Machine: ${navigator.hardwareConcurrency} cores (${cpu}), ${memoryGb} GB, ${Deno.build.os} ${
      kernel(Deno.osRelease())
    }`,
  ];
}

/** Its version without what a distributor or a host appends. */
function kernel(release: string): string {
  return /^\d+\.\d+/.exec(release)?.[0] ?? release;
}

/** A bar that the value must not exceed; NaN (not measured) misses it. */
export function atMost(claim: string, value: number, limit: number, show: (n: number) => string): Bar {
  return { claim, measured: show(value), pass: value <= limit };
}

/** A bar that the value must reach; NaN (not measured) misses it. */
export function atLeast(claim: string, value: number, limit: number, show: (n: number) => string): Bar {
  return { claim, measured: show(value), pass: value >= limit };
}

/** A ratio as it is read: "1.25 ×". */
export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

/** A name as it is, a figure with one digit. */
export function oneDigit(value: number | string): string {
  return typeof value === "string" ? value : value.toFixed(1);
}
