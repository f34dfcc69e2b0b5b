/**
 * What xterm.js does not bound of itself, bounded, alike for the terminals of the daemon and those of a browser: hostile output must not make
 * either hang or grow, and both must come to the same screen. No import of xterm.js: it is handed in.
 *
 * - Counts of `CSI S`, `T`, `L`, `M`, `I`, `Z`, `b`: xterm.js loops over them, and one sequence may say 2147483647.
 * - Combining characters: it keeps any number of them in one cell.
 * - Hyperlinks: it keeps each one until its line is gone, also those that a program draws again and again.
 * - Restored cursors: it restores half of a link.
 * - `CSI 1 J` at the right end of a screen without scrollback: it throws (6.0.0).
 * @module
 */

/** Combining characters in one cell; further ones are dropped. Written languages have four at most, emoji three. */
export const MAX_JOINED = 7;
/** Targets of hyperlinks that a terminal keeps, and how long one may be, in characters; others are shown as plain text. */
export const MAX_LINKS = 1000, MAX_LINK_CHARS = 2048;
/** Version by which the bounded widths are known to xterm.js. */
const UNICODE_VERSION = "11-bounded";

/** Parameters of a sequence, as the parser keeps them: changed in place, they are changed for the handlers after. */
interface Params {
  readonly params: Int32Array;
  readonly length: number;
}

interface Buffer {
  x: number;
  readonly y: number;
  readonly lines: { get(index: number): unknown };
}

/** The parts of xterm.js 6.0.0 behind `Terminal` that are needed here. */
export interface BoundedCore {
  readonly cols: number;
  readonly rows: number;
  readonly buffers: { readonly active: Buffer };
  registerCsiHandler(id: { prefix?: string; final: string }, callback: (params: Params) => boolean): unknown;
  registerEscHandler(id: { final: string }, callback: () => boolean): unknown;
  registerOscHandler(id: number, callback: (data: string) => boolean): unknown;
  readonly unicodeService: {
    activeVersion: string;
    readonly _providers: Readonly<Record<string, UnicodeProvider>>;
    register(provider: UnicodeProvider): void;
  };
  readonly _inputHandler: {
    setHyperlink(data: string): boolean;
    eraseInDisplay(params: Params, respectProtect: boolean): boolean;
    eraseChars(params: Params): boolean;
  };
  readonly _oscLinkService: { readonly _dataByLinkId: ReadonlyMap<number, unknown> };
}

/** Widths of characters; `charProperties` packs `state << 3 | width << 1 | joins`. */
interface UnicodeProvider {
  readonly version: string;
  wcwidth(codePoint: number): 0 | 1 | 2;
  charProperties(codePoint: number, preceding: number): number;
}

/** A line of xterm.js. */
interface CellJoiner {
  getString(index: number): string;
  addCodepointToCell(index: number, codePoint: number, width: number): void;
}

/** Name of the method that was put in place of its own. */
const JOINER = "addBoundedCodepoint";

/** Bounds a terminal for which Unicode version `11` was registered (`@xterm/addon-unicode11`), before anything is written to it. */
export function boundTerminal(core: BoundedCore): void {
  boundCounts(core);
  boundLinks(core);
  boundJoined(core);
  boundWidths(core);
  guardErase(core);
  endLinks(core);
}

/** More than a screen of lines, or a row of tabs, changes nothing further. */
function boundCounts(core: BoundedCore): void {
  const bound = (final: string, most: () => number) => {
    core.registerCsiHandler({ final }, ({ params }) => {
      if ((params[0] ?? 0) > most()) params[0] = most();
      return false;
    });
  };
  for (const final of "STLM") bound(final, () => core.rows);
  for (const final of "IZ") bound(final, () => core.cols);
  bound("b", () => core.cols * core.rows);
}

/** Only the web, and each target once: `id` is what xterm.js knows links again by. */
function boundLinks(core: BoundedCore): void {
  core.registerOscHandler(8, (data) => {
    const uri = data.slice(data.indexOf(";") + 1);
    const full = core._oscLinkService._dataByLinkId.size >= MAX_LINKS;
    const isLink = data.includes(";") && !full && uri.length <= MAX_LINK_CHARS && /^https?:\/\//i.test(uri);
    core._inputHandler.setHyperlink(isLink ? `id=km;${uri}` : ";");
    return true;
  });
}

/** For lines of every terminal: what does not fit is dropped. */
function boundJoined(core: BoundedCore): void {
  // As: lines of xterm.js 6.0.0 are of one class, which has these.
  const prototype = Object.getPrototypeOf(core.buffers.active.lines.get(0)) as CellJoiner;
  if (prototype.addCodepointToCell.name === JOINER) return;
  const { addCodepointToCell } = prototype;
  const bounded = {
    [JOINER](this: CellJoiner, index: number, codePoint: number): void {
      const text = this.getString(index);
      if (text.length > MAX_JOINED && [...text].length > MAX_JOINED) return;
      // 0: as wide as it was, also when what was to be joined did not fit in the row and is not there.
      addCodepointToCell.call(this, index, codePoint, 0);
    },
  };
  prototype.addCodepointToCell = bounded[JOINER];
}

/** Characters without width and with nothing to join get a cell: xterm.js would write them beyond the end of a row. */
function boundWidths(core: BoundedCore): void {
  const unicode = core.unicodeService;
  const base = unicode._providers["11"];
  if (base === undefined) throw new TypeError("Cannot bound a terminal without Unicode 11");
  const ALONE = 1 << 1;
  unicode.register({
    version: UNICODE_VERSION,
    wcwidth: (codePoint) => base.wcwidth(codePoint),
    charProperties: (codePoint, preceding) => base.charProperties(codePoint, preceding) || ALONE,
  });
  unicode.activeVersion = UNICODE_VERSION;
}

/** xterm.js 6.0.0 looks at a line below the last one when the cursor is in the last column. */
function guardErase(core: BoundedCore): void {
  const guard = (prefix: string | null) => {
    core.registerCsiHandler({ final: "J", ...prefix === null ? {} : { prefix } }, (params) => {
      const buffer = core.buffers.active;
      const isHarmless = params.params[0] !== 1 || buffer.x < core.cols - 1 ||
        buffer.lines.get(buffer.y + 1) !== undefined;
      if (isHarmless) return false;
      const x = buffer.x;
      // All but the last cell, then that one: two steps that xterm.js does well.
      buffer.x = core.cols - 2;
      core._inputHandler.eraseInDisplay(params, prefix !== null);
      buffer.x = core.cols - 1;
      if (prefix === null) core._inputHandler.eraseChars({ params: new Int32Array([1]), length: 1 });
      buffer.x = x;
      return true;
    });
  };
  guard(null);
  guard("?");
}

/** A cursor that is restored is in no link: xterm.js restores that there was one, not which. */
function endLinks(core: BoundedCore): void {
  const end = () => {
    core._inputHandler.setHyperlink(";");
    return false;
  };
  core.registerEscHandler({ final: "8" }, end);
  core.registerCsiHandler({ final: "u" }, end);
  core.registerCsiHandler({ prefix: "?", final: "l" }, ({ params, length }) => {
    for (let i = 0; i < length; i++) if (params[i] === 1048 || params[i] === 1049) end();
    return false;
  });
}
