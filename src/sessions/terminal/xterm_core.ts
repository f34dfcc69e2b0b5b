/**
 * The parts of `@xterm/headless` 6.0.0 that lie behind its public interface and without which a terminal can be neither stored nor restored
 * exactly: the pen, saved cursors, scroll regions, tab stops, character sets, the parser's state. Everything that depends on the version of
 * xterm.js is here; `openXterm` fails when one of them is not where it was.
 * @module
 */
import headless from "@xterm/headless";
import unicode11 from "@xterm/addon-unicode11";
import type { TerminalSize } from "../../core/session.ts";
import { reuseCells } from "./packed_lines.ts";
import { type BoundedCore, boundTerminal } from "../../core/terminal_limits.ts";

/** Bytes that are parsed in one go: below the 128 KiB at which xterm.js cuts, itself, and not between characters. */
export const PIECE_BYTES = 16 * 1024;

/** Colours and flags; see `Attributes`, `FgFlags`, `BgFlags` of xterm.js, and `pen.ts`. */
export interface XtermAttributes {
  fg: number;
  bg: number;
  extended: { readonly _ext: number; readonly urlId: number };
}

/** A cell that is read: always the same object, filled again. */
export interface XtermCell extends XtermAttributes {
  content: number;
  getWidth(): number;
  getChars(): string;
}

export interface XtermLine {
  readonly length: number;
  readonly isWrapped: boolean;
  loadCell(index: number, cell: XtermCell): XtermCell;
  translateToString(trimRight?: boolean, startCol?: number, endCol?: number): string;
}

/** One of a table of replacements; undefined is ASCII. */
export type XtermCharset = Readonly<Record<string, string>> | undefined;

export interface XtermBuffer {
  x: number;
  readonly y: number;
  /** Lines above the screen. */
  readonly ybase: number;
  readonly lines: {
    readonly length: number;
    readonly maxLength: number;
    get(index: number): XtermLine | undefined;
  };
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly savedX: number;
  /** Counted from the first line above the screen. */
  readonly savedY: number;
  readonly savedCurAttrData: XtermAttributes;
  readonly savedCharset: XtermCharset;
  readonly tabs: Readonly<Record<number, boolean | undefined>>;
  getNullCell(): XtermCell;
}

interface Parameters {
  readonly params: Int32Array;
  readonly length: number;
}

/** A function's name: `{ prefix: "?", final: "h" }` is `CSI ? … h`. */
export interface FunctionName {
  readonly prefix?: string;
  readonly intermediates?: string;
  readonly final: string;
}

export interface XtermCore extends BoundedCore {
  readonly cols: number;
  readonly rows: number;
  readonly buffers: { readonly active: XtermBuffer; readonly normal: XtermBuffer; readonly alt: XtermBuffer };
  readonly options: { readonly convertEol: boolean; readonly cursorBlink: boolean };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean;
      readonly applicationKeypad: boolean;
      readonly bracketedPasteMode: boolean;
      readonly cursorBlink: boolean | undefined;
      readonly cursorStyle: "block" | "underline" | "bar" | undefined;
      readonly origin: boolean;
      readonly reverseWraparound: boolean;
      readonly sendFocus: boolean;
      readonly synchronizedOutput: boolean;
      readonly wraparound: boolean;
    };
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly _charsetService: {
    readonly charset: XtermCharset;
    readonly glevel: number;
    readonly _charsets: readonly XtermCharset[];
  };
  readonly _inputHandler: BoundedCore["_inputHandler"] & {
    readonly _curAttrData: XtermAttributes;
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number; reset(): void };
    /** Parses at once: no handler here is asynchronous. At most 128 KiB, whole characters. */
    parse(bytes: Uint8Array): void;
    /** Where it decodes to; it grows to the longest piece. */
    _parseBuffer: Uint32Array;
  };
  readonly _oscLinkService: {
    readonly _dataByLinkId: ReadonlyMap<number, unknown>;
    getLinkData(id: number): { readonly uri: string } | undefined;
  };
  onData(listener: (data: string) => void): unknown;
  onBell(listener: () => void): unknown;
  onTitleChange(listener: (title: string) => void): unknown;
  registerCsiHandler(id: FunctionName, callback: (params: Parameters) => boolean): unknown;
  registerEscHandler(id: FunctionName, callback: () => boolean): unknown;
  registerOscHandler(id: number, callback: (data: string) => boolean): unknown;
  resize(cols: number, rows: number): void;
  dispose(): void;
}

/** Of all terminals: each is done with it when `parse` returns. */
const parseBuffer = new Uint32Array(PIECE_BYTES);

/** A new, bounded terminal. */
export function openXterm(size: TerminalSize, scrollbackLines: number): XtermCore {
  const terminal = new headless.Terminal({
    cols: size.cols,
    rows: size.rows,
    scrollback: scrollbackLines,
    allowProposedApi: true,
    logLevel: "off",
    // The size in cells is no secret; titles and positions of windows are not told.
    windowOptions: { getWinSizeChars: true },
  });
  terminal.loadAddon(new unicode11.Unicode11Addon());
  // As: `_core` is what the public class wraps; `checkCore` looks whether it is what it is said to be.
  const core = (terminal as unknown as { readonly _core: XtermCore })._core;
  checkCore(core);
  boundTerminal(core);
  core._inputHandler._parseBuffer = parseBuffer;
  reuseCells(core);
  return core;
}

function checkCore(core: XtermCore): void {
  const parts = [
    core?._inputHandler?._curAttrData?.extended?._ext,
    core?._inputHandler?._parser?.precedingJoinState,
    core?._charsetService?.glevel,
    core?._oscLinkService?._dataByLinkId?.size,
    core?.buffers?.alt?.savedY,
    core?.coreService?.decPrivateModes?.wraparound,
    core?.coreMouseService?.activeEncoding,
  ];
  const missing = parts.findIndex((part) => part === undefined);
  if (missing >= 0) {
    throw new TypeError(`Cannot use this version of xterm.js: part ${missing} is not where it was`);
  }
}

/** State of the parser between sequences. */
export const GROUND = 0;
