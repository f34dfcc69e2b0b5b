/** How a page shows what servers, tools and clients call themselves: a name must not pass for another one. @module */
import type { JSX } from "preact";
import { printable } from "../../core/printable.ts";

/**
 * A name as text of a page. What steers or hides letters is written out, what is written from right to left keeps to itself, and
 * the whole is told on hovering, for where there is room for the beginning only. In attributes, options and titles: `printable()`.
 */
export function Name({ text }: { readonly text: string }): JSX.Element {
  const shown = printable(text);
  return <bdi title={shown}>{shown}</bdi>;
}
