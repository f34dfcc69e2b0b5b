/** How text looks, as escape sequences: what brings the pen of an xterm.js terminal from one look to another. @module */
import type { XtermAttributes, XtermCore } from "./xterm_core.ts";

/** Bits of `fg` and `bg` in xterm.js: which kind of colour, the colour, flags. */
export const COLOR = { kind: 0x3000000, ansi: 0x1000000, palette: 0x2000000, rgb: 0x3000000 } as const;
export const FG = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strikethrough: 0x80000000,
} as const;
export const BG = {
  italic: 0x4000000,
  dim: 0x8000000,
  extended: 0x10000000,
  protected: 0x20000000,
  overline: 0x40000000,
} as const;
const COLOR_BITS = 0x3ffffff;

/** A look: `extended` of xterm.js as numbers. `uri` is empty without a link. */
export interface Look {
  readonly fg: number;
  readonly bg: number;
  /** 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
  readonly underlineStyle: number;
  /** As a colour of `fg`; 0: that of the text. */
  readonly underlineColor: number;
  readonly uri: string;
}

export const PLAIN: Look = { fg: 0, bg: 0, underlineStyle: 0, underlineColor: 0, uri: "" };

/** The look of a cell, or of the pen. Two that look alike have equal members. */
export function lookOf(core: XtermCore, attributes: XtermAttributes, isPen = false): Look {
  const { fg, bg, extended } = attributes;
  // A cell has these only with the flag; the pen keeps them even without.
  const hasExtended = (bg & BG.extended) !== 0;
  const ext = hasExtended || isPen ? extended._ext : 0;
  const isUnderlined = (fg & FG.underline) !== 0;
  const style = (ext & 0x1c000000) >>> 26;
  const link = hasExtended && extended.urlId > 0
    ? core._oscLinkService.getLinkData(extended.urlId)
    : undefined;
  return {
    fg: cleanColor(fg) | fg & ~COLOR_BITS,
    bg: (cleanColor(bg) | bg & ~COLOR_BITS) & ~BG.extended,
    underlineStyle: isUnderlined ? style || 1 : 0,
    // Of what is not underlined it shows nothing, and the pen keeps it for when it is.
    underlineColor: isUnderlined || isPen ? cleanColor(ext) : 0,
    uri: link?.uri ?? "",
  };
}

/** xterm.js leaves bits of an older colour behind a palette's number. */
function cleanColor(value: number): number {
  const kind = value & COLOR.kind;
  if (kind === 0) return 0;
  return kind | value & (kind === COLOR.rgb ? 0xffffff : 0xff);
}

export function sameLook(a: Look, b: Look): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.underlineStyle === b.underlineStyle &&
    a.underlineColor === b.underlineColor && a.uri === b.uri;
}

/** Writes what changes a pen, and only when it changes. */
export class Pen {
  readonly #out: string[];
  #now: Look = PLAIN;

  constructor(out: string[]) {
    this.#out = out;
  }

  use(look: Look): void {
    const now = this.#now;
    if (sameLook(now, look)) return;
    if (now.uri !== look.uri) this.#out.push(`\x1b]8;;${look.uri}\x1b\\`);
    this.#now = { ...now, uri: look.uri };
    if (!sameLook(this.#now, look)) {
      this.#out.push(`\x1b[${sgr(look)}m`);
      // `CSI 0 m` ends protection, too.
      if (look.bg & BG.protected) this.#out.push('\x1b[1"q');
    }
    this.#now = look;
  }

  /** Fills with no colour: what `CSI X` and new lines take of the pen. */
  useNoFill(): void {
    if ((this.#now.bg & COLOR_BITS) !== 0) this.use(PLAIN);
  }
}

/** Parameters of `CSI … m` that make this look of any other, apart from links and protection. */
function sgr(look: Look): string {
  const { fg, bg, underlineStyle } = look;
  const out = ["0"];
  if (fg & FG.bold) out.push("1");
  if (bg & BG.dim) out.push("2");
  if (bg & BG.italic) out.push("3");
  if (underlineStyle === 1) out.push("4");
  if (underlineStyle > 1) out.push(`4:${underlineStyle}`);
  if (fg & FG.blink) out.push("5");
  if (fg & FG.inverse) out.push("7");
  if (fg & FG.invisible) out.push("8");
  if (fg & FG.strikethrough) out.push("9");
  if (bg & BG.overline) out.push("53");
  pushColor(out, fg, 30, "38");
  pushColor(out, bg, 40, "48");
  if (look.underlineColor) pushColor(out, look.underlineColor, null, "58");
  return out.join(";");
}

/** `ansiBase`: of the sixteen colours that have numbers of their own; null: they have none. */
function pushColor(out: string[], value: number, ansiBase: number | null, extended: string): void {
  const kind = value & COLOR.kind;
  const color = value & 0xff;
  if (kind === COLOR.ansi && ansiBase !== null) {
    out.push(String(color < 8 ? ansiBase + color : ansiBase + 60 + color - 8));
  } else if (kind === COLOR.rgb) {
    out.push(`${extended};2;${value >> 16 & 0xff};${value >> 8 & 0xff};${color}`);
  } else if (kind !== 0) {
    out.push(`${extended};5;${color}`);
  }
}
