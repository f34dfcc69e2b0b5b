/** What bytes from a viewer's keyboard mean for a prompt: not all that a terminal sends was typed by somebody. @module */

/** What was typed. */
export interface TypedKeys {
  /** Somebody pressed a key, or pasted: false for reports of focus and mouse, and answers of a terminal. */
  readonly isTyped: boolean;
  /** Enter was pressed; one within a paste is none. */
  readonly submits: boolean;
  /** What was typed so far is given up: Esc, Ctrl-C, Ctrl-D, Ctrl-U. */
  readonly clears: boolean;
  /** Text may stand in the prompt after it: false for keys that only move in it or draw it anew, and for those that send it or give it up. */
  readonly isText: boolean;
}

/** Reports of focus (`CSI I`, `CSI O`) and mouse (SGR, X10), answers (`CSI … R|c|n|y|u`, OSC, DCS). */
const REPORTS =
  // deno-lint-ignore no-control-regex -- they begin with Esc
  /\x1b\[[IO]|\x1b\[<[\d;]+[Mm]|\x1b\[M[^]{3}|\x1b\[\??[\d;]*(?:R|c|n|\$y)|\x1b\[\?\d+u|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)/g;
// deno-lint-ignore no-control-regex -- a paste begins and ends with Esc
const PASTES = /\x1b\[200~[^]*?(?:\x1b\[201~|$)/g;
// deno-lint-ignore no-control-regex -- Esc that begins nothing else
const CLEARS = /[\x03\x04\x15]|\x1b$|\x1b\x1b/;

/**
 * Keys that put nothing into a prompt: Ctrl-A, B, E, F, G, K, L, W, and left, right, Home, End, Delete, with modifiers or not. Up, down and
 * Ctrl-P, N, R bring back what was typed before: that is text.
 */
// deno-lint-ignore no-control-regex -- this is what they are
const MOVES = /[\x01\x02\x05-\x07\x0b\x0c\x17]|\x1b(?:O|\[(?:1;\d+)?)[CDHF]|\x1b\[[13478](?:;\d+)?~/g;

/** A plain key, or several. */
const PLAIN: TypedKeys = { isTyped: true, submits: false, clears: false, isText: true };

export function readTypedKeys(bytes: Uint8Array): TypedKeys {
  // Nearly all keys, on the way to their echo.
  if (bytes.length > 0 && bytes.length <= 16 && bytes.every((byte) => byte >= 0x20)) return PLAIN;
  const text = new TextDecoder("latin1").decode(bytes).replace(REPORTS, "");
  const keys = text.replace(PASTES, "");
  const submits = keys.includes("\r"), clears = CLEARS.test(keys);
  const isText = !submits && !clears && text.replace(MOVES, "") !== "";
  return { isTyped: text !== "", submits, clears, isText };
}
