/** Archives of tar as an attacker makes them: any header that km itself would never write. @module */
import { encode } from "./random.ts";

/** An entry of an archive, with whatever an attacker writes into its header. */
export interface RawEntry {
  readonly name: string;
  readonly data?: Uint8Array<ArrayBuffer>;
  /** Default "0", a plain file. */
  readonly type?: string;
  /** What the header says; default: what `data` has. */
  readonly sizeBytes?: number;
  readonly linkTo?: string;
  readonly prefix?: string;
  readonly mtime?: number;
  /** What stands after ustar's magic; GNU tar writes `"  "`. */
  readonly magic?: string;
}

/** An archive of these entries, whatever they are. Checksums are right. */
export function rawArchive(entries: readonly RawEntry[], end = 1024): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap((entry) => {
    const data = entry.data ?? new Uint8Array();
    return [rawHeader(entry), data, new Uint8Array(-data.length & 511)];
  });
  return joined([...parts, new Uint8Array(end)]);
}

function rawHeader(entry: RawEntry): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(512);
  const put = (at: number, text: string) => header.set(encode(text), at);
  const size = entry.sizeBytes ?? entry.data?.length ?? 0;
  put(0, entry.name);
  put(100, "0000644\0" + "0000000\0" + "0000000\0");
  put(124, size.toString(8).padStart(11, "0") + "\0");
  put(136, (entry.mtime ?? 0).toString(8).padStart(11, "0") + "\0");
  put(156, entry.type ?? "0");
  put(157, entry.linkTo ?? "");
  put(257, entry.magic ?? "ustar\0" + "00");
  put(329, "0000000\0" + "0000000\0");
  put(345, entry.prefix ?? "");
  put(148, " ".repeat(8));
  put(148, header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
  return header;
}

/** The entries of a package that km wrote, to be changed and written anew. */
export function rawEntries(bytes: Uint8Array<ArrayBuffer>): (RawEntry & { data: Uint8Array<ArrayBuffer> })[] {
  const entries = [];
  for (let at = 0; bytes[at] !== 0;) {
    const text = (from: number, to: number) => new TextDecoder().decode(bytes.slice(at + from, at + to));
    const size = parseInt(text(124, 135), 8);
    entries.push({ name: text(0, 100).replace(/\0.*/s, ""), data: bytes.slice(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

/** With one bit turned. */
export function flipped(bytes: Uint8Array<ArrayBuffer>, at: number, bit = 1): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ bit;
  return copy;
}

/** One after the other. */
export function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
