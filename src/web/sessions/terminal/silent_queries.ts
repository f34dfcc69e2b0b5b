/**
 * Terminals of browsers answer nothing: what a program asks its terminal is answered by the daemon's copy alone, once, however many look.
 * Every query that xterm.js 6.0.0 would answer is taken out of its hands here.
 * @module
 */

/** The part of `Terminal.parser` that is needed. */
export interface QueryParser {
  registerCsiHandler(
    id: { prefix?: string; intermediates?: string; final: string },
    callback: (params: (number | number[])[]) => boolean,
  ): unknown;
  registerDcsHandler(
    id: { intermediates?: string; final: string },
    callback: (data: string) => boolean,
  ): unknown;
  registerOscHandler(id: number, callback: (data: string) => boolean): unknown;
}

/** Sequences that only ask. */
const QUERIES = [
  { final: "c" }, // which terminal it is
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" }, // its state, where its cursor is
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" }, // whether a mode is set
  { prefix: "?", intermediates: "$", final: "p" },
  { final: "t" }, // sizes of the window, and commands to it
  { prefix: ">", final: "q" }, // its name and version
  { prefix: "?", final: "u" }, // which keyboard protocol is on
] as const;

/** Colours: set by the same sequences that ask, with `?` in the place of a colour. */
const COLORS = [4, 10, 11, 12] as const;

/** What a program may not do to who looks: 52 reads and writes the clipboard. */
const REFUSED = [52] as const;

export function silenceQueries(parser: QueryParser): void {
  for (const id of QUERIES) parser.registerCsiHandler({ ...id }, () => true);
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true);
  for (const id of COLORS) parser.registerOscHandler(id, (data) => /(?:^|;)\?/.test(data));
  for (const id of REFUSED) parser.registerOscHandler(id, () => true);
}
