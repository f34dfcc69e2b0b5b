/** A daemon in a process of its own, for the sections of the bench. @module */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A running daemon. */
export interface BenchDaemon extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** Starts `km serve` on a free port for `home`, with `settings` in its environment, and waits until it answers. */
export async function startBenchDaemon(
  home: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchDaemon> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}main.ts`, "serve", "--port", "0"],
    env: { KM_HOME: home, KM_RETENTION_MAX_BYTES: "none", KM_RETENTION_DAYS: "0", ...settings },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let url: string | undefined;
  while (url === undefined) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`km serve ended before it said its address: ${text}`);
    text += value;
    url = /https?:\/\/[\w.:]+/.exec(text)?.[0];
  }
  const ended = drain(reader);
  return {
    url,
    token: (await Deno.readTextFile(`${home}/token`)).trim(),
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await ended;
    },
  };
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

/** What a process holds: resident bytes and open file descriptors (Linux). */
export function usageOf(pid: number): { readonly residentBytes: number; readonly descriptors: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return {
    residentBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024,
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}
