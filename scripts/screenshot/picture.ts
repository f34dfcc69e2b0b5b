/** What a PNG file says of itself. @module */

/** Width and height of a PNG, in pixels. @throws {TypeError} when `bytes` are not one */
export function pngSize(bytes: Uint8Array<ArrayBuffer>): { readonly width: number; readonly height: number } {
  const isPng = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, at) => bytes[at] === byte);
  if (!isPng || bytes.length < 24) throw new TypeError("Not a PNG");
  // The first chunk is IHDR, which begins with both as 32-bit numbers. @see PNG (Third Edition), 11.2.1
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
