/** What the bench of terminals runs: programs in terminals of this process, and the same ones before a reader in C. @module */
import { join } from "node:path";
import type { Pty, PtyExit, Ptys } from "../../src/proc/pty.ts";

const PATH = "/usr/bin:/bin";

/** Starts `script` with sh. */
export function startScript(
  ptys: Ptys,
  script: string,
  onData: (bytes: Uint8Array) => void = () => {},
): { readonly pty: Pty; readonly exit: Promise<PtyExit> } {
  const { promise, resolve } = Promise.withResolvers<PtyExit>();
  const pty = ptys.spawn({
    command: ["sh", "-c", script],
    cwd: "/",
    env: { PATH },
    searchPath: PATH,
    size: { cols: 120, rows: 40 },
    onData,
    onExit: resolve,
  });
  return { pty, exit: promise };
}

/** µs from each of `count` one-byte writes until the answer is here, after the script has said that it is ready. */
export async function echoTimesUs(ptys: Ptys, script: string, count: number): Promise<number[]> {
  let heard = Promise.withResolvers<void>();
  const { pty } = startScript(ptys, script, () => heard.resolve());
  await heard.promise;
  const times: number[] = [];
  const byte = new TextEncoder().encode("a");
  for (let i = 0; i < count; i++) {
    heard = Promise.withResolvers();
    const start = performance.now();
    pty.write(byte);
    await heard.promise;
    times.push((performance.now() - start) * 1000);
  }
  await ptys.end(pty, { graceMs: 100 });
  return times;
}

/** MB/s at which all that `script` writes was taken. */
export async function outputMbps(ptys: Ptys, script: string): Promise<number> {
  let bytes = 0;
  const start = performance.now();
  await startScript(ptys, script, (chunk) => bytes += chunk.length).exit;
  return bytes / 1000 / (performance.now() - start);
}

/** Compiles pty_reader.c into `folder`; null when this machine has no C compiler. */
export async function buildReader(folder: string): Promise<string | null> {
  const target = join(folder, "pty_reader");
  const source = new URL("pty_reader.c", import.meta.url).pathname;
  try {
    const { success } = await new Deno.Command("cc", { args: ["-O2", "-o", target, source, "-lutil"] })
      .output();
    return success ? target : null;
  } catch {
    return null;
  }
}

/** The two figures that the reader says of `script`. */
export async function runReader(
  reader: string,
  echoes: number,
  script: string,
): Promise<readonly [number, number]> {
  const { stdout } = await new Deno.Command(reader, { args: [String(echoes), script] }).output();
  const [first = NaN, second = NaN] = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  return [first, second];
}
