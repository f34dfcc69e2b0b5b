/** A log that is read on as it grows. @module */

/** How often it is looked at, in ms. */
const FOLLOW_MS = 150;

/** Hands on what comes after the first `from` bytes, for ever. A file that was turned over is read on in its new one. */
export async function followFile(
  path: string,
  from: number,
  onBytes: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<never> {
  let at = from;
  for (;;) {
    const size = await Deno.stat(path).then((info) => info.size, () => at);
    if (size < at) at = 0;
    if (size > at) {
      const bytes = await readFrom(path, at);
      at += bytes.length;
      onBytes(bytes);
    }
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}

async function readFrom(path: string, offset: number): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path, { read: true });
  await file.seek(offset, Deno.SeekMode.Start);
  const chunks: Uint8Array<ArrayBuffer>[] = await Array.fromAsync(file.readable);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
