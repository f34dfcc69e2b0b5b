/**
 * One file out of a tar archive that comes as a stream, without the rest of it in memory. For archives whose hash was checked: it knows plain
 * files with short names (ustar), as npm packs them. By hand, so that `km doctor` in a checkout waits for no package.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * @module
 */

const BLOCK_BYTES = 512;

/** The contents of the file called `name`. @throws {TypeError} while it is read, when it is not there or cut off */
export async function* readTarEntry(
  archive: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const source = new Blocks(archive);
  for (;;) {
    const header = await source.take(BLOCK_BYTES);
    if (header === null || header[0] === 0) throw new TypeError(`it holds no "${name}"`);
    const size = Number.parseInt(text(header, 124, 12), 8);
    if (!Number.isSafeInteger(size)) throw new TypeError("it is no tar archive");
    const wanted = text(header, 0, 100) === name;
    for (let left = size; left > 0;) {
      const part = await source.some(left);
      if (part === null) throw new TypeError(`it ends within "${text(header, 0, 100)}"`);
      left -= part.length;
      if (wanted) yield part;
    }
    if (wanted) return;
    await source.take((BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES);
  }
}

/** Bytes of a stream in the pieces that are asked for. */
class Blocks {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array(0);

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#chunks = archive[Symbol.asyncIterator]();
  }

  /** Exactly `count` bytes; null when so many do not come. */
  async take(count: number): Promise<Uint8Array | null> {
    const all = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const part = await this.some(count - at);
      if (part === null) return null;
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Between one and `most` bytes; null at the end. */
  async some(most: number): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#rest = new Uint8Array(value);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}

/** A field: up to its NUL. */
function text(header: Uint8Array, at: number, length: number): string {
  return new TextDecoder().decode(header.subarray(at, at + length)).replace(/\0.*$/s, "").trim();
}
