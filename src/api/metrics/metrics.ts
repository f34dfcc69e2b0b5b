/**
 * Counters, gauges and histograms, and the Prometheus text that shows them.
 * A metric never has more than `MAX_SERIES` combinations of labels: what comes after is counted under "other", because labels come
 * from outside and each costs memory for good.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4)
 * @module
 */

export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Label values by name, in the order in which they are shown. */
export type Labels = Readonly<Record<string, string>>;

/** One line: a name with labels, and its value. */
export interface Sample {
  /** Appended to the metric's name: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric, ready to be shown. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

const MAX_SERIES = 1000;
const OTHER = "other";
/** Upper bounds of durations, in seconds: from an answer out of memory to one that a person has given up on. */
export const DURATION_BOUNDS_S: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
  60,
];

/** Counts up. */
export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new SeriesMap(() => ({ value: 0 }));

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  add(count: number, labels: Labels = {}): void {
    this.#values.get(labels).value += count;
  }

  collect(): Metric {
    const samples = this.#values.entries().map(([labels, { value }]) => ({ labels, value }));
    return { name: this.#name, help: this.#help, type: "counter", samples };
  }
}

/** Counts durations by their length. */
export class DurationHistogram {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new SeriesMap(() => ({
    counts: new Array<number>(DURATION_BOUNDS_S.length + 1).fill(0),
    sumS: 0,
  }));

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  observe(durationMs: number, labels: Labels = {}): void {
    const series = this.#values.get(labels);
    const at = boundAt(durationMs / 1000);
    series.counts[at] = (series.counts[at] as number) + 1;
    series.sumS += durationMs / 1000;
  }

  collect(): Metric {
    const samples = this.#values.entries().flatMap(([labels, { counts, sumS }]) =>
      histogramSamples(labels, counts, sumS)
    );
    return { name: this.#name, help: this.#help, type: "histogram", samples };
  }
}

/** Place of a duration among the bounds; the last one is for what is longer than all. */
export function boundAt(durationS: number): number {
  const at = DURATION_BOUNDS_S.findIndex((bound) => durationS <= bound);
  return at < 0 ? DURATION_BOUNDS_S.length : at;
}

/** The lines of one histogram; `counts` are those between the bounds. */
export function histogramSamples(labels: Labels, counts: readonly number[], sumS: number): Sample[] {
  let total = 0;
  const buckets = counts.map((count, index) => ({
    suffix: "_bucket",
    labels: { ...labels, le: String(DURATION_BOUNDS_S[index] ?? "+Inf") },
    value: total += count,
  }));
  return [...buckets, { suffix: "_sum", labels, value: sumS }, { suffix: "_count", labels, value: total }];
}

/** The text of `metrics`; one without any sample is left out. */
export function renderMetrics(metrics: Iterable<Metric>): string {
  let text = "";
  for (const { name, help, type, samples } of metrics) {
    if (samples.length === 0) continue;
    text += `# HELP ${name} ${
      help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    }\n# TYPE ${name} ${type}\n`;
    for (const { suffix = "", labels = {}, value } of samples) {
      text += `${name}${suffix}${renderLabels(labels)} ${value}\n`;
    }
  }
  return text;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Values by labels, of a bounded number. */
class SeriesMap<T> {
  readonly #make: () => T;
  readonly #values = new Map<string, readonly [Labels, T]>();

  constructor(make: () => T) {
    this.#make = make;
  }

  get(labels: Labels): T {
    const key = JSON.stringify(labels);
    const known = this.#values.get(key);
    if (known) return known[1];
    const isFull = this.#values.size >= MAX_SERIES;
    const others = Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER]));
    if (isFull && key !== JSON.stringify(others)) return this.get(others);
    const value = this.#make();
    this.#values.set(key, [labels, value]);
    return value;
  }

  entries(): (readonly [Labels, T])[] {
    return [...this.#values.values()];
  }
}
