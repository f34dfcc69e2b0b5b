/**
 * `.kmpkg` as bytes: a ustar archive of at most five files whose names, order and headers are all fixed, read and written in memory.
 *
 * There is one way only to write a given set of files, and nothing else is read: no header holds anything that is not signed or derived from
 * what is signed, so that a package cannot carry something past whoever looked at it. Names are compared, never used as paths.
 * @see POSIX.1-2017, pax, "ustar Interchange Format"
 * @module
 */
import { formatBytes } from "../../core/quantity.ts";
import { quote, refuseLargePackage, refusePackage } from "./refuse.ts";

/** Names that may stand in a package, in the order in which they do. */
export const ENTRY_NAMES = ["manifest.json", "plugin.js", "README.md", "LICENSE", "signatures.json"] as const;
export type EntryName = typeof ENTRY_NAMES[number];

/** Files of a package by name. `manifest.json` and `plugin.js` are always there. */
export type ArchiveFiles = ReadonlyMap<EntryName, Uint8Array<ArrayBuffer>>;

/** No package is larger: it is held in memory whole. */
export const MAX_PACKAGE_BYTES: number = 8 * 1024 * 1024;
/** No file in it is larger. */
export const MAX_ENTRY_BYTES: number = 4 * 1024 * 1024;
/** manifest.json and signatures.json: what is read before anybody is believed stays small. */
export const MAX_JSON_BYTES: number = 256 * 1024;

const BLOCK = 512;
/** Two blocks of zeros. */
const END_BYTES = 2 * BLOCK;

/** First bytes of what compresses. A bomb is small until it is opened, so nothing is. */
const COMPRESSED: readonly (readonly [string, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["zip", [0x50, 0x4b, 0x05, 0x06]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["compress", [0x1f, 0x9d]],
];

/** What an entry is that is no plain file. @see POSIX pax, "typeflag"; the capitals are GNU tar's own */
const KINDS: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "5": "a folder",
  "6": "a named pipe",
  "7": "a contiguous file",
  "x": "a pax header",
  "g": "a pax header for all that follows",
  "L": "a long name of GNU tar's",
  "K": "a long link of GNU tar's",
  "S": "a sparse file of GNU tar's",
};

/**
 * Reads a package. The bytes of each file are views of `bytes`.
 * @throws {KmError} not_trusted for anything but what `writeArchive` writes
 */
export function readArchive(bytes: Uint8Array<ArrayBuffer>): ArchiveFiles {
  refuseOutside(bytes);
  const files = new Map<EntryName, Uint8Array<ArrayBuffer>>();
  let at = 0;
  for (;;) {
    if (at + BLOCK > bytes.length) throw refusePackage("it ends before its end: the download was cut short");
    const header = bytes.subarray(at, at + BLOCK);
    if (isZero(header)) break;
    const entry = readHeader(header, files);
    const data = readData(bytes.subarray(at + BLOCK), entry);
    // Whatever the fields above did not look at: dates, owners, the rest of a name.
    if (!equal(header, writeHeader(entry.name, entry.sizeBytes))) {
      throw refusePackage(
        `the header of "${entry.name}" holds more than a name and a size`,
        'only "km plugins build" makes packages: tar writes dates and owners that nobody signed',
      );
    }
    files.set(entry.name, data);
    at += BLOCK + padded(entry.sizeBytes);
  }
  refuseEnd(bytes.subarray(at));
  for (const name of ["manifest.json", "plugin.js"] as const) {
    if (!files.has(name)) throw refusePackage(`it has no "${name}"`);
  }
  return files;
}

/** Writes a package: the same files make the same bytes. @throws {KmError} not_trusted for what `readArchive` would not read */
export function writeArchive(files: ArchiveFiles): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const name of ENTRY_NAMES) {
    const data = files.get(name);
    if (data === undefined) continue;
    const padding = new Uint8Array(padded(data.length) - data.length);
    parts.push(writeHeader(name, data.length), data, padding);
  }
  parts.push(new Uint8Array(END_BYTES));
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  readArchive(bytes);
  return bytes;
}

/** What can be said before the first header. */
function refuseOutside(bytes: Uint8Array): void {
  if (bytes.length === 0) throw refusePackage("it is empty");
  const compressed = COMPRESSED.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte));
  if (compressed !== undefined) {
    throw refusePackage(
      `it is compressed (${compressed[0]}), and packages never are: a small file could grow without end`,
      'a package is what "km plugins build" writes, as it is',
    );
  }
  if (bytes.length > MAX_PACKAGE_BYTES) throw refuseLargePackage(MAX_PACKAGE_BYTES);
}

interface Entry {
  readonly name: EntryName;
  readonly sizeBytes: number;
}

/** The order of the questions decides which of several faults is told. */
function readHeader(header: Uint8Array, before: ArchiveFiles): Entry {
  const [said, counted] = [octal(header.subarray(148, 156)), checksum(header)];
  if (said !== counted) {
    throw refusePackage(
      text(header.subarray(257, 262)) !== "ustar"
        ? "it is no package, or it was cut: there is no header of tar where one has to be"
        : "the checksum of a header is wrong: something was changed or cut out",
    );
  }
  const shown = quote(text(header.subarray(345, 500)) + text(header.subarray(0, 100)));
  const kind = String.fromCharCode(header[156] ?? 0);
  if (kind !== "0") {
    const what = KINDS[kind] ?? "of a kind that nobody knows";
    throw refusePackage(`its entry ${shown} is ${what}, and packages hold plain files only`);
  }
  const name = readName(header, before);
  const sizeBytes = octal(header.subarray(124, 136));
  if (sizeBytes === null) throw refusePackage(`the size of "${name}" is no number`);
  const mostBytes = name.endsWith(".json") ? MAX_JSON_BYTES : MAX_ENTRY_BYTES;
  if (sizeBytes > mostBytes) {
    throw refusePackage(`"${name}" is said to be larger than ${formatBytes(mostBytes)}`);
  }
  return { name, sizeBytes };
}

function readName(header: Uint8Array, before: ArchiveFiles): EntryName {
  const path = text(header.subarray(0, 100));
  const prefix = text(header.subarray(345, 500));
  const whole = prefix === "" ? path : `${prefix}/${path}`;
  if (/^([/\\]|[A-Za-z]:)/.test(whole)) {
    throw refusePackage(`its entry ${quote(whole)} has an absolute name`);
  }
  if (whole.split(/[/\\]/).includes("..")) {
    throw refusePackage(`its entry ${quote(whole)} leads out of its folder`);
  }
  const place = ENTRY_NAMES.indexOf(whole as EntryName); // -1 for what is none.
  const name = ENTRY_NAMES[place];
  if (name === undefined) {
    throw refusePackage(
      `it holds ${quote(whole)}, which belongs into no package`,
      `a package holds ${ENTRY_NAMES.join(", ")} and nothing else`,
    );
  }
  if (before.has(name)) throw refusePackage(`it holds "${name}" twice`);
  if (before.size === 0 && name !== "manifest.json") {
    throw refusePackage(`it begins with "${name}", and must begin with "manifest.json"`);
  }
  for (const other of before.keys()) {
    if (ENTRY_NAMES.indexOf(other) > place) throw refusePackage(`"${name}" stands after "${other}" in it`);
  }
  return name;
}

/** `rest` is all that follows the header. */
function readData(rest: Uint8Array<ArrayBuffer>, { name, sizeBytes }: Entry): Uint8Array<ArrayBuffer> {
  if (padded(sizeBytes) > rest.length) {
    throw refusePackage(
      `"${name}" is said to have ${sizeBytes} bytes, and only ${rest.length} follow`,
      "the download was cut short, or somebody changed it: get it again",
    );
  }
  if (!isZero(rest.subarray(sizeBytes, padded(sizeBytes)))) {
    throw refusePackage(`"${name}" is said to have ${sizeBytes} bytes, and goes on after them`);
  }
  return rest.subarray(0, sizeBytes);
}

function refuseEnd(end: Uint8Array): void {
  if (end.length < END_BYTES) throw refusePackage("it ends before its end: the download was cut short");
  if (end.length === END_BYTES && isZero(end)) return;
  throw refusePackage(
    "something follows after its end",
    'only "km plugins build" makes packages: nothing may be added to one',
  );
}

function writeHeader(name: EntryName, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, value: string) => header.set(new TextEncoder().encode(value), at);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, sizeBytes.toString(8).padStart(11, "0") + "\0");
  // 1970: a date would make every build another.
  put(136, "0".repeat(11) + "\0");
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(329, "0000000\0");
  put(337, "0000000\0");
  put(148, checksum(header).toString(8).padStart(6, "0") + "\0 ");
  return header;
}

/** The sum of a header's bytes, its own eight counted as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** Null for what is no octal number: GNU tar writes large sizes in base 256. */
function octal(field: Uint8Array): number | null {
  const digits = /^[ 0]*([0-7]+)[ \0]*$/.exec(String.fromCharCode(...field))?.[1];
  return digits === undefined ? null : parseInt(digits, 8);
}

/** Up to the first zero; each byte one character, so that no two names look alike that are not. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return String.fromCharCode(...(end < 0 ? field : field.subarray(0, end)));
}

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK) * BLOCK;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
