/** The text of a line and the JSON in it. @module */
import type { Line } from "./line_splitter.ts";

/** A line as it is read. */
export interface LineText {
  /** What is stored: the line's bytes, without a character that the cap cut in half. */
  readonly bytes: Uint8Array;
  /** Without a BOM; with U+FFFD where it is not UTF-8. */
  readonly text: string;
  readonly isUtf8: boolean;
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });
const lenientDecoder = new TextDecoder();

export function readText(line: Line): LineText {
  const bytes = line.overflow === null ? line.bytes : withoutPartialCharacter(line.bytes);
  try {
    return { bytes, text: strictDecoder.decode(bytes), isUtf8: true };
  } catch {
    return { bytes, text: lenientDecoder.decode(bytes), isUtf8: false };
  }
}

/** The value of a JSON object or array; undefined when the text is none. */
export function parseJson(text: string): unknown {
  // A banner is told from JSON by its first character: no exception for each line of a talkative server.
  const first = text.charCodeAt(0);
  if (first !== 0x7b && first !== 0x5b && first !== 0x20 && first !== 0x09) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `bytes`, without a character at their end that was cut in half. */
export function withoutPartialCharacter(bytes: Uint8Array): Uint8Array {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + needed > bytes.length ? bytes.subarray(0, start) : bytes;
}
