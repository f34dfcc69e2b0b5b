/** Reads the logs of plugins, merges them by time, and goes on with what comes. @module */
import { join } from "node:path";
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { suggest } from "../../core/suggest.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { followFile } from "../follow_file.ts";
import { jsonText } from "../json_text.ts";
import { wantsColor, writeError, writeLines } from "../terminal.ts";
import { folded, logLine, type PluginLogEntry, readLogEntry } from "./log_lines.ts";

/** Prints it; returns the exit code. */
export async function showLogs(
  name: string | undefined,
  { lines, follow, json }: { readonly lines: number; readonly follow: boolean; readonly json: boolean },
): Promise<number> {
  const { logs } = pluginPaths(kmPaths().home);
  const show = (entries: readonly PluginLogEntry[]) => print(entries, json);
  const logged = name === undefined ? namesIn(logs) : [named(name, logs, follow)];
  if (logged.length === 0) {
    writeError("no plugin has said anything yet; plugins run while km monitor does\n");
    return 0;
  }
  const read = logged.map((plugin) => {
    const path = join(logs, `${plugin}.jsonl`);
    return { plugin, path, bytes: readBytes(path) };
  });
  const entries = read.flatMap(({ plugin, path, bytes }) => [
    ...entriesOf(plugin, readBytes(`${path}.1`)),
    ...entriesOf(plugin, bytes),
  ]);
  entries.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
  // Programs get each line as it is.
  show(lines === 0 ? [] : (json ? entries : folded(entries)).slice(-lines));
  if (!follow) return 0;
  await Promise.all(
    read.map(({ plugin, path, bytes }) => followEntries(plugin, path, bytes.length, show)),
  );
  return 0;
}

function print(entries: readonly PluginLogEntry[], json: boolean): void {
  const color = wantsColor(Deno.stdout);
  const now = new Date();
  writeLines(entries.map((entry) => json ? jsonText(entry) : logLine(entry, color, now)));
}

async function followEntries(
  plugin: string,
  path: string,
  from: number,
  show: (entries: readonly PluginLogEntry[]) => void,
): Promise<never> {
  const decoder = new TextDecoder();
  let rest = "";
  return await followFile(path, from, (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    show(parse(plugin, lines));
  });
}

function entriesOf(plugin: string, bytes: Uint8Array): PluginLogEntry[] {
  return parse(plugin, new TextDecoder().decode(bytes).split("\n"));
}

function parse(plugin: string, lines: readonly string[]): PluginLogEntry[] {
  return lines.flatMap((line) => {
    const entry = line === "" ? null : readLogEntry(plugin, line);
    return entry === null ? [] : [entry];
  });
}

function readBytes(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}

/** @throws {KmError} not_found for a plugin that has never run, unless it is waited for */
function named(name: string, logs: string, follow: boolean): string {
  const names = namesIn(logs);
  if (names.includes(name)) return name;
  const near = suggest(name, names);
  if (follow && near === undefined && /^[a-z][a-z0-9-]*$/.test(name)) {
    writeError(`${printable(name)} has said nothing yet\n`);
    return name;
  }
  throw new KmError("not_found", `There is no log of a plugin "${name}"`, {
    hint: near
      ? `did you mean "${near}"?`
      : "a plugin has one once it has run, which it does while km monitor does",
  });
}

function namesIn(logs: string): string[] {
  try {
    return [...Deno.readDirSync(logs)].flatMap(({ name }) => /^(.+)\.jsonl$/.exec(name)?.[1] ?? []).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
