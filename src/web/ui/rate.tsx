/** A rate of errors: quiet when there are none, marked when there are many. @module */
import type { JSX } from "preact";
import { formatPercent } from "../../core/quantity.ts";

/** From here on something is wrong rather than unlucky. */
const MANY = 0.05;

export function Rate({ ratio, title }: { readonly ratio: number; readonly title?: string }): JSX.Element {
  const tone = ratio === 0 ? "none" : ratio >= MANY ? "is-bad" : "is-warn";
  return <span class={tone} title={title}>{formatPercent(ratio)}</span>;
}
