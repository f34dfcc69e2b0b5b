/** Everything about a terminal on which what comes next may depend, as lines of text: two terminals are alike when these are. @module */
import { charsetFlag } from "./charsets.ts";
import { type Look, lookOf, PLAIN, sameLook } from "./pen.ts";
import { lineAt } from "./packed_lines.ts";
import { newCell } from "./snapshot_rows.ts";
import type { XtermBuffer, XtermCore } from "./xterm_core.ts";

/** Cells of both screens and above, modes, cursors, pen, stops, character sets, the parser. Long: for tests and for looking into a defect. */
export function fingerprint(core: XtermCore): string[] {
  const { normal, alt, active } = core.buffers;
  const { charset, glevel, _charsets } = core._charsetService;
  const parser = core._inputHandler._parser;
  return [
    `modes ${JSON.stringify([core.coreService.decPrivateModes, core.coreService.modes])}`,
    `mouse ${core.coreMouseService.activeProtocol} ${core.coreMouseService.activeEncoding}`,
    `hidden ${core.coreService.isCursorHidden} eol ${core.options.convertEol} blink ${core.options.cursorBlink}`,
    `charsets ${[0, 1, 2, 3].map((i) => charsetFlag(_charsets[i]))} ${glevel} ${charsetFlag(charset)}`,
    `pen ${describe(lookOf(core, core._inputHandler._curAttrData, true))}`,
    `parser ${parser.currentState} joins ${parser.precedingJoinState >> 1 & 3}`,
    `active ${active === alt ? "alt" : "normal"} cursor ${active.x},${active.y}`,
    ...buffer(core, "normal", normal),
    ...buffer(core, "alt", alt),
  ];
}

function buffer(core: XtermCore, name: string, buffer: XtermBuffer): string[] {
  const saved = lookOf(core, buffer.savedCurAttrData);
  const stops = Object.keys(buffer.tabs).filter((x) => buffer.tabs[Number(x)] && Number(x) < core.cols);
  const savedX = Math.min(buffer.savedX, core.cols - 1);
  return [
    `${name} base ${buffer.ybase} length ${buffer.lines.length} region ${buffer.scrollTop},${buffer.scrollBottom}`,
    `${name} saved ${savedX},${buffer.savedY} ${describe({ ...saved, underlineColor: 0, uri: "" })} ${
      charsetFlag(buffer.savedCharset)
    }`,
    `${name} stops ${stops.join(" ")}`,
    ...Array.from({ length: buffer.lines.length }, (_, y) => `${name} ${y}${row(core, buffer, y)}`),
  ];
}

function row(core: XtermCore, buffer: XtermBuffer, y: number): string {
  const line = lineAt(core, buffer, y);
  if (line === undefined) return " none";
  const cell = newCell(buffer.getNullCell());
  let text = line.isWrapped ? " >|" : "  |";
  let now = PLAIN;
  for (let x = 0; x < core.cols; x++) {
    line.loadCell(x, cell);
    const look = lookOf(core, cell);
    if (!sameLook(look, now)) text += `{${describe(look)}}`;
    now = look;
    const chars = cell.getChars();
    text += chars === "" ? (cell.getWidth() === 0 ? "" : "·") : cell.getWidth() === 1 ? chars : `<${chars}>`;
  }
  return `${text.replace(/·+$/, "")}|`;
}

function describe({ fg, bg, underlineStyle, underlineColor, uri }: Look): string {
  return [fg >>> 0, bg >>> 0, underlineStyle, underlineColor >>> 0].map((n) => n.toString(16)).join(",") +
    uri;
}
