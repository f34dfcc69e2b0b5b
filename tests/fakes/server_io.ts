/** What every mode of the fake server reads and writes with. @module */
import { encode } from "./random.ts";

/** The environment variable that names the file where the server says what it saw. */
export const WITNESS = "FAKE_WITNESS";

/** What the fake server saw happen, with the time it saw it (ms since the Unix epoch). */
export interface Sighting {
  readonly event: string;
  readonly timeMs: number;
  readonly pid: number;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly signal?: string;
}

/** Tells the test what happened: one JSON line at the end of the witness file. */
export function witness(event: string, details: Partial<Sighting> = {}): void {
  const path = Deno.env.get(WITNESS);
  if (path === undefined) return;
  const line = JSON.stringify({ event, timeMs: Date.now(), pid: Deno.pid, ...details });
  Deno.writeTextFileSync(path, line + "\n", { append: true });
}

/** Waits until the test sends SIGUSR1: the gate of every mode that does something at a moment the test chooses. */
export async function told(signal: Deno.Signal = "SIGUSR1"): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  Deno.addSignalListener(signal, resolve);
  witness("waiting", { signal });
  await promise;
  Deno.removeSignalListener(signal, resolve);
}

/** Writes all of `data` before it returns, however long the reader takes. */
export function write(
  data: string | Uint8Array,
  to: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout,
): void {
  const bytes = typeof data === "string" ? encode(data) : data;
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}

/** The same, letting the rest of the program go on meanwhile. */
export async function writeLater(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

/** Writes `value` as one line of JSON. */
export function writeJson(value: unknown): void {
  write(JSON.stringify(value) + "\n");
}

/** Everything on stdin, as it comes. A view into one buffer: use it before the next. */
export async function* input(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(256 * 1024);
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return;
    yield buffer.subarray(0, count);
  }
}

/** Complete lines on stdin, without their LF. */
export async function* inputLines(): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Really closes a standard stream: the runtime's own `close()` keeps the descriptor, and holds a duplicate of it. Linux. */
export function closeDescriptor(fd: 0 | 1 | 2): void {
  const libc = Deno.dlopen("libc.so.6", { close: { parameters: ["i32"], result: "i32" } });
  const target = linkOf(fd);
  const all = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => Number(name));
  for (const each of all) if (linkOf(each) === target) libc.symbols.close(each);
  libc.close();
}

function linkOf(fd: number): string | null {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

/** Lives until a signal ends it. */
export async function forever(): Promise<never> {
  for (;;) await new Promise((resolve) => setTimeout(resolve, 60_000));
}

/** Waits, as a slow server does: the delay is the behaviour under test. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
