/** `km logs`: what the daemon in the background has said. @module */
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { write, writeLines } from "../terminal.ts";

/** How often --follow looks, in ms. */
const FOLLOW_MS = 150;

export const command = defineCommand({
  name: "logs",
  summary: "Show the log of km serve --detach",
  flags: [
    { name: "lines", short: "n", type: "number", default: "50", help: "Show the last n lines" },
    { name: "follow", short: "f", type: "boolean", help: "Go on with new ones as they come, until Ctrl-C" },
  ],
  examples: [["km logs --follow", "watch it"]],
  async run({ lines, follow }) {
    const { log } = kmPaths();
    const text = readLog(log);
    if (text === null && !follow) {
      throw new KmError("not_found", `There is no log at "${log}"`, {
        hint: '"km serve --detach" writes one; in the foreground km serve logs to stderr',
      });
    }
    // The file before is looked into only when this one, just turned over, has too little.
    const all = allLines(text ?? "");
    const more = all.length < lines ? allLines(readLog(`${log}.1`) ?? "") : [];
    writeLines(lines === 0 ? [] : [...more, ...all].slice(-lines));
    if (follow) await followLog(log, new TextEncoder().encode(text ?? "").length);
    return 0;
  },
});

/** Never returns. A log that was turned over is read on in its new file. */
async function followLog(path: string, from: number): Promise<never> {
  const decoder = new TextDecoder();
  let at = from;
  for (;;) {
    const size = await Deno.stat(path).then((info) => info.size, () => at);
    if (size < at) at = 0;
    if (size > at) {
      const bytes = await readFrom(path, at);
      at += bytes.length;
      write(decoder.decode(bytes, { stream: true }));
    }
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  await file.seek(offset, Deno.SeekMode.Start);
  const chunks: Uint8Array<ArrayBuffer>[] = await Array.fromAsync(file.readable);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function readLog(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function allLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
