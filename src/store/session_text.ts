/**
 * The text of what a program wrote to its terminal, for searching: escape sequences vanish, but those that move the cursor are a blank
 * (full-screen programs jump from word to word), blanks together are one, and carriage return and line feed end a line. No screen is drawn here.
 * A loop over bytes: with patterns, what is full of escape sequences takes four times as long. @see ECMA-48 section 5.4; xterm's ctlseqs
 * @module
 */

/** Text, and where its characters come from. */
export interface OutputText {
  readonly text: string;
  /** The place in the bytes of the character at `at`; off by a little behind bytes that are not UTF-8. */
  offsetOf(at: number): number;
}

const BEL = 0x07, BACKSPACE = 0x08, TAB = 0x09, LF = 0x0a, CR = 0x0d, CAN = 0x18, SUB = 0x1a, ESC = 0x1b;
const SPACE = 0x20, DEL = 0x7f;
/** The last byte of U+00A0, which programs write where a line must not break; a searcher types a space. */
const NBSP_LAST = 0xa0, NBSP_FIRST = 0xc2;

/** Final bytes of CSI sequences after which the cursor is elsewhere: CUU to CHT, CBT, HPA, HPR, VPA, VPR, HVP, DECSTBM, restore. */
const CSI_MOVES = finals("ABCDEFGHIZ`adefru");
/** Final bytes of other sequences that do: DECRC, IND, NEL, RI, RIS. */
const ESC_MOVES = finals("8DEMc");
/** What introduces a string that ends with ST or BEL: DCS, SOS, OSC, PM, APC. */
const STRINGS = finals("PX]^_");

/** Behind so much of a string that does not end, what follows the next line feed is text again. Pictures may be longer, and have none. */
const MAX_STRING_BYTES = 64 * 1024;

type State = "ground" | "escape" | "intermediate" | "csi" | "string";

/** The text of `bytes`, which begin outside of an escape sequence; one that does not end takes the rest with it, a long string to a line feed. */
export function outputText(bytes: Uint8Array): OutputText {
  const kept = new Uint8Array(bytes.length);
  const offsets = new Uint32Array(bytes.length);
  let length = 0;
  let isAscii = true;
  let state: State = "ground";
  let stringStart = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] as number; // as: `at` is within
    if (state === "ground") {
      while (byte > SPACE && byte < DEL) {
        offsets[length] = at;
        kept[length++] = byte;
        byte = ++at < bytes.length ? bytes[at] as number : 0; // as: see above; 0 is kept by nobody
      }
    }
    const last = length === 0 ? LF : kept[length - 1] as number; // as: it was kept
    if (state !== "ground" || byte <= SPACE || byte === DEL) {
      const isLost = state === "string" && byte === LF && at - stringStart >= MAX_STRING_BYTES;
      const action: Action = isLost ? LINE : step(state, byte);
      if (state !== "string") stringStart = at;
      state = action.state;
      if (action.keeps === 0 || last === LF || (last === SPACE && action.keeps === SPACE)) continue;
      byte = action.keeps;
    } else if (byte === NBSP_LAST && last === NBSP_FIRST) {
      length--;
      const before = length === 0 ? LF : kept[length - 1];
      if (before === LF || before === SPACE) continue;
      byte = SPACE;
    } else if (byte > DEL) isAscii = false;
    offsets[length] = at;
    kept[length++] = byte;
  }
  const text = new TextDecoder().decode(kept.subarray(0, length));
  return {
    text,
    offsetOf: (at) => offsets[isAscii ? at : Math.min(byteLength(text, at), length - 1)] ?? 0,
  };
}

interface Action {
  readonly state: State;
  /** A blank, the end of a line, or 0: nothing. */
  readonly keeps: number;
}

const TO = Object.fromEntries(
  (["ground", "escape", "intermediate", "csi", "string"] as const)
    .map((state): [State, Action] => [state, { state, keeps: 0 }]),
) as Readonly<Record<State, Action>>; // as: it has them all
const BLANK: Action = { state: "ground", keeps: SPACE };
const LINE: Action = { state: "ground", keeps: LF };

/** What a byte does that is not simply text. */
function step(state: State, byte: number): Action {
  if (byte === ESC) return TO.escape;
  if (byte === CAN || byte === SUB) return TO.ground;
  switch (state) {
    case "ground":
      if (byte === LF || byte === CR) return LINE;
      return byte === SPACE || byte === TAB || byte === BACKSPACE ? BLANK : TO.ground;
    case "escape":
      if (byte === 0x5b) return TO.csi;
      if (STRINGS[byte] === 1) return TO.string;
      if (byte >= SPACE && byte < 0x30) return TO.intermediate;
      return ESC_MOVES[byte] === 1 ? BLANK : TO.ground;
    case "intermediate":
      return byte >= SPACE && byte < 0x30 ? TO.intermediate : TO.ground;
    case "csi":
      if (byte >= SPACE && byte < 0x40) return TO.csi;
      return CSI_MOVES[byte] === 1 ? BLANK : byte === LF ? LINE : TO.ground;
    case "string":
      return byte === BEL ? TO.ground : TO.string;
  }
}

/**
 * Where `bytes`, which may begin within anything, surely are at the beginning of something; -1 where nothing says so. After ESC a `\` ends a
 * string, which is a sequence of its own too.
 */
export function startOfText(bytes: Uint8Array): number {
  const escape = bytes.indexOf(ESC);
  const lineFeed = (escape < 0 ? bytes : bytes.subarray(0, escape)).indexOf(LF);
  return lineFeed < 0 ? escape : lineFeed + 1;
}

function byteLength(text: string, end: number): number {
  return new TextEncoder().encode(text.slice(0, end)).length;
}

function finals(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
