/** Character sets of xterm.js by the letter that selects them: it keeps tables, and a snapshot needs names. @module */
import headless from "@xterm/headless";
import type { XtermCharset, XtermCore } from "./xterm_core.ts";

/** Every one that xterm.js 6.0.0 knows under a name of its own; `B` is ASCII, which has no table. */
const FLAGS = "0A45RQKYEZH=67C";
const flags = new Map<XtermCharset, string>();

/** The letter in `ESC ( B` that selects `charset`. */
export function charsetFlag(charset: XtermCharset): string {
  if (charset === undefined) return "B";
  if (flags.size === 0) findFlags();
  return flags.get(charset) ?? "B";
}

/** The tables are not public: a terminal is asked for each. */
function findFlags(): void {
  const terminal = new headless.Terminal({ cols: 2, rows: 1, scrollback: 0, logLevel: "off" });
  // As: see xterm_core.ts.
  const core = (terminal as unknown as { readonly _core: XtermCore })._core;
  const encoder = new TextEncoder();
  for (const flag of FLAGS) {
    core._inputHandler.parse(encoder.encode(`\x1b(${flag}`));
    const charset = core._charsetService.charset;
    if (charset !== undefined && !flags.has(charset)) flags.set(charset, flag);
  }
  terminal.dispose();
}
