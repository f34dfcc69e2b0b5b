/**
 * What CreateProcessW is given for a program in a pseudo console, as memory: pure, so that it is tested where there is no Windows.
 * @see https://learn.microsoft.com/windows/console/creating-a-pseudoconsole-session @module
 */
import type { TerminalSize } from "../core/session.ts";

/** Not those of `quoteForCmd`: what CreateProcessW gets is split by the program's own C runtime. */
const NEEDS_QUOTES = /[\s"]|^$/;

/**
 * One line of words, as the C runtime splits it: backslashes count only before a quote.
 * @see https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
export function commandLine(words: readonly string[]): string {
  return words.map((word) =>
    NEEDS_QUOTES.test(word) ? `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"` : word
  ).join(" ");
}

/** `text` as UTF-16LE, with a NUL behind it. */
export function wideString(text: string): Uint16Array<ArrayBuffer> {
  return Uint16Array.from({ length: text.length + 1 }, (_, at) => text.charCodeAt(at) || 0);
}

/** `NAME=value` strings, each with its NUL, sorted by name without regard to case as Windows wants it, and one more NUL. */
export function environmentBlock(env: Readonly<Record<string, string>>): Uint16Array<ArrayBuffer> {
  const names = Object.keys(env).sort((a, b) => {
    const [left, right] = [a.toUpperCase(), b.toUpperCase()];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const text = names.map((name) => `${name}=${env[name] ?? ""}\0`).join("");
  // An empty block is two NULs.
  return wideString(text === "" ? "\0" : text);
}

/** A COORD as a parameter: X in the low, Y in the high half of 32 bits. */
export function coordinates({ cols, rows }: TerminalSize): number {
  return ((rows & 0x7fff) << 16 | (cols & 0x7fff)) >>> 0;
}

/** STARTUPINFOEXW on 64 bits: STARTUPINFOW (104 bytes) and the address of the attribute list. @see winbase.h */
export const STARTUPINFOEX_BYTES = 112;
const STARTF_USESTDHANDLES = 0x100;
const FLAGS_AT = 60, ATTRIBUTES_AT = 104;

/** A STARTUPINFOEXW with the list of attributes at `attributesAt`. Its standard handles are named and none, else a console program would take km's. */
export function startupInfo(attributesAt: bigint): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(STARTUPINFOEX_BYTES));
  view.setUint32(0, STARTUPINFOEX_BYTES, true);
  view.setUint32(FLAGS_AT, STARTF_USESTDHANDLES, true);
  view.setBigUint64(ATTRIBUTES_AT, attributesAt, true);
  return new Uint8Array(view.buffer);
}

/** PROCESS_INFORMATION on 64 bits: two handles and two ids. */
export const PROCESS_INFORMATION_BYTES = 24;

export function processInformation(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly process: bigint; readonly thread: bigint; readonly pid: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    process: view.getBigUint64(0, true),
    thread: view.getBigUint64(8, true),
    pid: view.getUint32(16, true),
  };
}
