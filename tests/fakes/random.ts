/** Bytes and cuts that a seed decides, so that client and server can each make them and a failure can be repeated. @module */
import { createHash, type Hash } from "node:crypto";

/** Numbers in [0, 1) that `seed` decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed that differs from run to run; put it into the failure's message. */
export function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}

/** `length` bytes of every value; one in 256 ends a line. */
export function randomBytes(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random() * 256;
  return bytes;
}

/** Cuts `bytes` at random places: most pieces are small, some are larger than a pipe holds. */
export function randomCuts(seed: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const random = seededRandom(seed);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length;) {
    const scale = random();
    const most = scale < 0.5 ? 16 : scale < 0.9 ? 5_000 : 200_000;
    const length = 1 + Math.floor(random() * most);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** The pieces of one JSON-RPC line of exactly `length` bytes, line end included. Nothing larger than 64 KiB is held. */
export function* hugeLine(length: number): Generator<Uint8Array<ArrayBuffer>> {
  const head = encode('{"jsonrpc":"2.0","id":1,"result":{"text":"');
  const tail = encode('"}}\n');
  const filler = encode("abcdefghijklmnopqrstuvwxyz012345".repeat(2048));
  yield head;
  for (let left = length - head.length - tail.length; left > 0; left -= filler.length) {
    yield filler.subarray(0, Math.min(left, filler.length));
  }
  yield tail;
}

/** What was read so far: how many bytes, and their SHA-256. */
export class Digest {
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  /** Ends the digest. */
  sum(): Sum {
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}

/** What came, in short. */
export interface Sum {
  readonly bytes: number;
  readonly sha256: string;
}

/** Digest of all `pieces`. */
export function sumOf(...pieces: readonly Uint8Array[]): Sum {
  const digest = new Digest();
  for (const piece of pieces) digest.add(piece);
  return digest.sum();
}

/** UTF-8 of `text`. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
