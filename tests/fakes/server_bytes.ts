/** Modes of the fake server about bytes: odd ones, many, and none. @module */
import { input, told, witness, write, writeJson, writeLater } from "./server_io.ts";
import { Digest, encode, hugeLine, randomBytes, randomCuts, type Sum } from "./random.ts";

/**
 * What servers have been seen to write, in pieces. `emit` waits for a byte on stdin between two pieces, so whoever holds a
 * piece back until its line is whole never gets the next.
 */
export const ODD_BYTES: Readonly<Record<string, readonly Uint8Array<ArrayBuffer>[]>> = {
  "crlf": [
    encode('{"jsonrpc":"2.0","id":1,"result":{}}\r\n{"jsonrpc":"2.0","id":2,'),
    encode('"result":{}}\r\n'),
  ],
  "bare-cr": [encode("one\rtwo\r"), encode("\nthree\n\r")],
  "blank-lines": [encode("\n\n"), encode('\r\n\n{"jsonrpc":"2.0","method":"notifications/x"}\n\n')],
  "bom": [Uint8Array.of(0xef), Uint8Array.of(0xbb, 0xbf), encode('{"jsonrpc":"2.0","id":1,"result":{}}\n')],
  "invalid-utf8": [Uint8Array.of(0x7b, 0xff, 0xfe), Uint8Array.of(0xc0, 0x80, 0xed, 0xa0, 0x80, 0x7d, 10)],
  "nul": [Uint8Array.of(0x7b, 0, 0x7d, 10), Uint8Array.of(0, 0, 10)],
  "banner": [
    encode("Welcome to the server v1.0\n"),
    encode("> npx: installed 12 packages\n\x1b[32mok\x1b[0m\n"),
  ],
  "no-final-newline": [encode('{"jsonrpc":"2.0","id":1,'), encode('"result":{}}')],
  "content-length": [
    encode("Content-Length: 36\r\n\r\n"),
    encode('{"jsonrpc":"2.0","id":1,"result":{}}'),
  ],
  "split-utf8": [
    Uint8Array.of(0x22, 0xf0),
    Uint8Array.of(0x9f),
    Uint8Array.of(0x98),
    Uint8Array.of(0x80, 0xc3),
    Uint8Array.of(0xa9, 0x22, 10),
  ],
  "empty": [],
  "one-byte": [Uint8Array.of(0)],
};

/** Writes the bytes called `name`, a piece for each byte on stdin, and exits. */
export async function emit(name: string): Promise<void> {
  const pieces = ODD_BYTES[name] ?? [];
  const goOn = new Uint8Array(1);
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await Deno.stdin.read(goOn);
    write(piece);
  }
}

/** Reads all of stdin, then answers with what came, in short. */
export async function sink(): Promise<void> {
  const sum = await readAll();
  writeJson(sum);
}

/** Writes back every byte as it came, until EOF. */
export async function cat(): Promise<void> {
  for await (const chunk of input()) write(chunk);
}

/** Writes `bytes` to stdout or stderr in lines of `lineBytes` (0: no line end at all) without reading, then answers lines. */
export async function flood(to: string, bytes: string, lineBytes: string): Promise<void> {
  const target = to === "stderr" ? Deno.stderr : Deno.stdout;
  const perLine = Number(lineBytes);
  const piece = perLine === 0
    ? encode("f".repeat(65_536))
    : encode(("f".repeat(perLine - 1) + "\n").repeat(Math.max(1, Math.floor(65_536 / perLine))));
  for (let left = Number(bytes); left > 0; left -= piece.length) {
    write(piece.subarray(0, Math.min(left, piece.length)), target);
  }
  witness("flooded");
  if (to === "stderr") writeJson({ flooded: Number(bytes) });
  for await (const chunk of input()) write(chunk);
}

/** Writes one line of `bytes` bytes. */
export function huge(bytes: string): void {
  for (const piece of hugeLine(Number(bytes))) write(piece);
}

/** Writes `bytes` random bytes, reading nothing until all are written; then reads to EOF and witnesses what came. */
export async function writeThenRead(bytes: string, seed: string): Promise<void> {
  write(randomBytes(Number(seed), Number(bytes)));
  witness("written");
  await readAll();
}

/** Writes random bytes cut at random places while it reads; at EOF, and with all written, witnesses what came and exits. */
export async function duplex(bytes: string, seed: string): Promise<void> {
  const reading = readAll();
  for (const piece of randomCuts(Number(seed), randomBytes(Number(seed), Number(bytes)))) {
    await writeLater(piece);
  }
  await reading;
}

/** Reads nothing. Writes a line whenever it is told, and at SIGUSR2 reads to EOF and answers with what came. */
export async function stopReading(): Promise<void> {
  const resumed = told("SIGUSR2");
  let lines = 0;
  Deno.addSignalListener("SIGUSR1", () => writeJson({ line: ++lines }));
  writeJson({ ready: Deno.pid });
  await resumed;
  const sum = await readAll();
  writeJson(sum);
  Deno.exit(0);
}

async function readAll(): Promise<Sum> {
  const digest = new Digest();
  for await (const chunk of input()) digest.add(chunk);
  const sum = digest.sum();
  witness("read", sum);
  return sum;
}
