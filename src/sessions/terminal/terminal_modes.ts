/** Modes of a terminal: those that xterm.js keeps, and those that only programs and the terminals of viewers know about. @module */
import type { XtermCore } from "./xterm_core.ts";

/** Private modes that xterm.js 6.0.0 does not keep and a viewer's own terminal may: mouse encodings, wheel as arrows, colour scheme reports. */
const KEPT = [1005, 1007, 1015, 2031];
/** Deepest stack of the kitty keyboard protocol: pushes beyond drop the oldest entry, as the protocol says. */
const MAX_KITTY = 16;

/** Keeps what parser hooks tell, and writes every mode that is not as it is at first. */
export class TerminalModes {
  readonly #kept = new Set<number>();
  #otherKeys = 0;
  /** Flags of the kitty keyboard protocol, one stack for each screen; the last one is in force. */
  #kitty: { normal: number[]; alternate: number[] } = { normal: [], alternate: [] };
  readonly #core: XtermCore;

  constructor(core: XtermCore) {
    this.#core = core;
    this.#follow(core);
  }

  /** Flags of the kitty keyboard protocol that are in force. */
  get kittyFlags(): number {
    return this.#stack.at(-1) ?? 0;
  }

  get #stack(): number[] {
    return this.#core.buffers.active === this.#core.buffers.alt ? this.#kitty.alternate : this.#kitty.normal;
  }

  #follow(core: XtermCore): void {
    core.registerCsiHandler(
      { prefix: "?", final: "h" },
      ({ params, length }) => this.#keep(params, length, true),
    );
    core.registerCsiHandler(
      { prefix: "?", final: "l" },
      ({ params, length }) => this.#keep(params, length, false),
    );
    core.registerCsiHandler({ prefix: ">", final: "m" }, ({ params, length }) => {
      if (params[0] === 4) this.#otherKeys = length > 1 ? Math.min(params[1] ?? 0, 9) : 0;
      return false;
    });
    core.registerCsiHandler({ prefix: ">", final: "n" }, ({ params }) => {
      if (params[0] === 4) this.#otherKeys = 0;
      return false;
    });
    core.registerCsiHandler({ prefix: ">", final: "u" }, ({ params }) => {
      if (this.#stack.push((params[0] ?? 0) & 31) > MAX_KITTY) this.#stack.shift();
      return false;
    });
    core.registerCsiHandler({ prefix: "<", final: "u" }, ({ params }) => {
      this.#stack.splice(-Math.min(Math.max(params[0] ?? 1, 1), MAX_KITTY));
      return false;
    });
    core.registerCsiHandler({ prefix: "=", final: "u" }, ({ params, length }) => {
      this.#setKitty((params[0] ?? 0) & 31, length > 1 ? params[1] ?? 1 : 1);
      return false;
    });
    core.registerEscHandler({ final: "c" }, () => {
      this.#kept.clear();
      this.#otherKeys = 0;
      this.#kitty = { normal: [], alternate: [] };
      return false;
    });
  }

  #keep(params: Int32Array, length: number, isSet: boolean): boolean {
    for (let i = 0; i < length; i++) {
      const mode = params[i] ?? 0;
      if (!KEPT.includes(mode)) continue;
      if (isSet) this.#kept.add(mode);
      else this.#kept.delete(mode);
    }
    return false;
  }

  /** `how` 1: these and no others; 2: these as well; 3: without these. */
  #setKitty(flags: number, how: number): void {
    const stack = this.#stack;
    const now = stack.pop() ?? 0;
    stack.push(how === 2 ? now | flags : how === 3 ? now & ~flags : flags);
  }

  /** Writes what sets every mode of `core` in a terminal that is as new. Moves the cursor. */
  write(core: XtermCore, out: string[]): void {
    const set = privateModes(core).concat([...this.#kept]);
    if (set.length > 0) out.push(...set.map((mode) => `\x1b[?${mode}h`));
    const modes = core.coreService.decPrivateModes;
    if (!modes.wraparound) out.push("\x1b[?7l");
    if (core.coreService.isCursorHidden) out.push("\x1b[?25l");
    if (core.coreService.modes.insertMode) out.push("\x1b[4h");
    if (core.options.convertEol) out.push("\x1b[20h");
    const style = cursorStyle(core);
    if (style !== null) out.push(`\x1b[${style} q`);
    if (this.#otherKeys > 0) out.push(`\x1b[>4;${this.#otherKeys}m`);
  }

  /** What is kept here, as text: to compare terminals. */
  describe(): string {
    const { normal, alternate } = this.#kitty;
    return `${[...this.#kept].sort()} ${this.#otherKeys} ${normal} / ${alternate}`;
  }

  hasKitty(screen: "normal" | "alternate"): boolean {
    return this.#kitty[screen].length > 0;
  }

  /** The keyboard stack of the screen that is active where this is written to. */
  writeKitty(screen: "normal" | "alternate", out: string[]): void {
    for (const flags of this.#kitty[screen]) out.push(`\x1b[>${flags}u`);
  }
}

/** Private modes that are off at first and on now. */
function privateModes(core: XtermCore): number[] {
  const modes = core.coreService.decPrivateModes;
  const { activeProtocol, activeEncoding } = core.coreMouseService;
  const states: readonly (readonly [number, boolean])[] = [
    [1, modes.applicationCursorKeys],
    [66, modes.applicationKeypad],
    [6, modes.origin],
    [12, core.options.cursorBlink],
    [45, modes.reverseWraparound],
    [9, activeProtocol === "X10"],
    [1000, activeProtocol === "VT200"],
    [1002, activeProtocol === "DRAG"],
    [1003, activeProtocol === "ANY"],
    [1006, activeEncoding === "SGR"],
    [1016, activeEncoding === "SGR_PIXELS"],
    [1004, modes.sendFocus],
    [2004, modes.bracketedPasteMode],
    [2026, modes.synchronizedOutput],
  ];
  return states.filter(([, isOn]) => isOn).map(([mode]) => mode);
}

/** Parameter of `CSI … SP q`; null: as at first. 7 and 8 say only whether it blinks. */
function cursorStyle(core: XtermCore): number | null {
  const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
  if (cursorStyle === undefined && cursorBlink === undefined) return null;
  const blinking = { block: 1, underline: 3, bar: 5 };
  return (cursorStyle === undefined ? 7 : blinking[cursorStyle]) + (cursorBlink ? 0 : 1);
}
