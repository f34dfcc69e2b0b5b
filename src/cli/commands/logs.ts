/** `km logs`: what the daemon in the background has said. @module */
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { followFile } from "../follow_file.ts";
import { write, writeLines } from "../terminal.ts";

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
    if (!follow) return 0;
    const decoder = new TextDecoder();
    const shown = new TextEncoder().encode(text ?? "").length;
    return await followFile(log, shown, (bytes) => write(decoder.decode(bytes, { stream: true })));
  },
});

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
