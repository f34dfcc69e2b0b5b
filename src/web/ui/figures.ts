/** Numbers of the dashboard that tables of the command line do not have. @module */
import { formatCount as formatScaled } from "../../core/quantity.ts";

const WHOLE = new Intl.NumberFormat("en");

/** `0`, `812`, `2,232`, `12.3k`, `4.5M`. */
export function formatCount(count: number): string {
  const whole = Math.round(count);
  return whole < 10_000 ? WHOLE.format(whole) : formatScaled(whole);
}

/** Every digit, in groups of three, as an odometer shows it; beyond a billion `1.2G`. */
export function formatOdometer(count: number): string {
  return count < 1e9 ? WHOLE.format(Math.round(count)) : formatCount(count);
}

/** `$0`, `<$0.0001`, `$0.0123`, `$1.24`, `$1,240`: as many digits as matter. */
export function formatMoney(microUsd: number): string {
  const usd = microUsd / 1e6;
  if (usd === 0) return "$0";
  if (usd < 0.0001) return "<$0.0001";
  if (usd < 0.1) return `$${usd.toFixed(4)}`;
  if (usd < 1000) return `$${usd.toFixed(2)}`;
  return `$${WHOLE.format(Math.round(usd))}`;
}
