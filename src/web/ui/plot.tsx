/** Values over time, drawn by uPlot: fits its place, follows the colour scheme, says in words what it shows. @module */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { formatInterval, isolated, timeLabels } from "./plot_data.ts";
import { color, type Scheme, useScheme } from "./scheme.ts";

/** 1, 2, 5, 10 … */
const WHOLE_STEPS: number[] = Array.from({ length: 30 }, (_, at) => [1, 2, 5][at % 3] ?? 1).map((step, at) =>
  step * 10 ** Math.floor(at / 3)
);

export interface PlotLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Name of a colour of the palette. */
  readonly color: string;
  readonly kind: "bars" | "line";
  /** What the legend says while nothing is pointed at. */
  readonly rest: string;
}

export interface PlotProps {
  /** What is seen, in a sentence: for those who cannot see it. */
  readonly summary: string;
  /** Beginnings of the intervals, in seconds since the Unix epoch. */
  readonly startsS: readonly number[];
  readonly intervalS: number;
  readonly lines: readonly PlotLine[];
  readonly format: (value: number) => string;
  /** Which line lies over the others where they meet; the last one unless told. */
  readonly onTop?: "first" | "last";
  /** Plots of one group show the same moment when one of them is pointed at. */
  readonly group?: string;
}

export function Plot(props: PlotProps): JSX.Element {
  const scheme = useScheme();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = props.lines.map(({ label, kind }) => `${label} ${kind}`).join();

  useEffect(() => {
    const place = host.current;
    if (!place) return;
    const made = new uPlot(plotOptions(latest, place, setPointed, scheme), plotData(latest.current), place);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(place)));
    observer.observe(place);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [scheme, shape, props.format]);
  useEffect(() => plot.current?.setData(plotData(props)), [props.startsS, props.lines]);

  return (
    <figure class="plot">
      <Legend {...props} pointed={pointed} />
      <div class="plot-area" ref={host} role="img" aria-label={props.summary} />
    </figure>
  );
}

function Legend(
  { lines, startsS, intervalS, format, pointed }: PlotProps & { readonly pointed: number | null },
): JSX.Element {
  const start = pointed === null ? undefined : startsS[pointed];
  return (
    <figcaption class="plot-legend">
      {lines.map((line) => {
        const value = line.values[pointed ?? 0] ?? null;
        return (
          <span key={line.label} class="plot-key">
            <i class={`swatch ${line.color}`} />
            {line.label} <b>{start === undefined ? line.rest : value === null ? "–" : format(value)}</b>
          </span>
        );
      })}
      <span class="plot-when">{start === undefined ? "" : formatInterval(start, intervalS)}</span>
    </figcaption>
  );
}

/** The lines in the order in which they are drawn. */
function drawn({ lines, onTop }: PlotProps): readonly PlotLine[] {
  return onTop === "first" ? lines.toReversed() : lines;
}

function plotData(props: PlotProps): uPlot.AlignedData {
  // As: uPlot's type wants arrays that it may change; it does not.
  return [props.startsS, ...drawn(props).map(({ values }) => values)] as unknown as uPlot.AlignedData;
}

function sizeOf(place: HTMLElement): { width: number; height: number } {
  return { width: place.clientWidth, height: place.clientHeight };
}

function plotOptions(
  latest: { readonly current: PlotProps },
  place: HTMLElement,
  onPoint: (index: number | null) => void,
  _scheme: Scheme,
): uPlot.Options {
  const { lines, format, group } = latest.current;
  const axis = {
    stroke: color("faint"),
    font: `11px ${color("sans")}`,
    ticks: { show: false },
    grid: { stroke: color("plot-grid"), width: 1 },
  };
  return {
    ...sizeOf(place),
    // At the right there is room for half of the last label.
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6 },
      ...(group !== undefined && { sync: { key: group } }),
    },
    scales: {
      x: { time: true, range: (_plot, from, to) => [from, to + latest.current.intervalS] },
      y: { range: (_plot, _from, to) => [0, to > 0 ? to * 1.08 : 1] },
    },
    axes: [
      { ...axis, size: 26, gap: 6, space: 64, grid: { show: false }, values: (_plot, at) => timeLabels(at) },
      {
        ...axis,
        size: 54,
        gap: 6,
        space: 34,
        // Half a call is none: what is counted has whole marks.
        ...(lines.some(({ kind }) => kind === "bars") && { incrs: WHOLE_STEPS }),
        values: (_plot, at) => at.map((value) => value === 0 ? "0" : format(value)),
      },
    ],
    series: [{}, ...drawn(latest.current).map((line) => seriesOf(line))],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

function seriesOf(line: PlotLine): uPlot.Series {
  const stroke = color(line.color);
  if (line.kind === "bars") {
    const paths = uPlot.paths.bars?.({ size: [0.78, 28], align: 1, radius: 0.12 });
    return { label: line.label, width: 0, fill: stroke, points: { show: false }, ...(paths && { paths }) };
  }
  return {
    label: line.label,
    stroke,
    width: 1.6,
    points: {
      show: true,
      size: 4,
      width: 0,
      fill: stroke,
      // Where neither neighbour has a value there is no line to see.
      filter: (plot, at) => isolated(plot.data[at] ?? []),
    },
  };
}
