/** Values over time at the height of a line of text. @module */
import type { JSX } from "preact";

const WIDTH = 96;
const HEIGHT = 22;

/** Bars, one per value; the highest is full. `label` says it in words. */
export function Sparkline(
  { values, label }: { readonly values: readonly number[]; readonly label: string },
): JSX.Element {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path class="sparkline-ground" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      <path class="sparkline-bars" d={barsPath(values, WIDTH, HEIGHT)} />
    </svg>
  );
}

/** SVG path of bars. What is more than nothing is at least a pixel high. */
export function barsPath(values: readonly number[], width: number, height: number): string {
  const highest = Math.max(...values, 0);
  if (highest === 0) return "";
  const step = width / values.length;
  return values.map((value, at) => {
    if (value <= 0) return "";
    const tall = Math.max(1.5, value / highest * (height - 1));
    const [left, top, wide] = [at * step, height - tall, Math.max(1, step - 1)].map((one) =>
      Math.round(one * 100) / 100
    );
    return `M${left} ${height}V${top}h${wide}V${height}z`;
  }).join("");
}
