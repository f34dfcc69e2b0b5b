/** What plugins said and what happened to them, as lines for people and for programs. @module */
import { painter, type Style } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { printableColored } from "../../core/printable_colored.ts";
import { formatClock, formatCount } from "../../core/quantity.ts";
import type { LogEntry } from "../../plugins/host/log_file.ts";

/** A line of the log of `plugin`. */
export interface PluginLogEntry extends LogEntry {
  readonly plugin: string;
  /** How often it was said in a row; absent: once. */
  readonly times?: number;
}

/** What was said again and again, with nothing between, once: with the time of the last, and how often. */
export function folded(entries: readonly PluginLogEntry[]): PluginLogEntry[] {
  const lines: PluginLogEntry[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    if (last === undefined || !isSame(last, entry)) lines.push(entry);
    else lines[lines.length - 1] = { ...entry, times: (last.times ?? 1) + 1 };
  }
  return lines;
}

function isSame(a: PluginLogEntry, b: PluginLogEntry): boolean {
  return a.plugin === b.plugin && a.source === b.source && a.level === b.level && a.text === b.text &&
    a.console === b.console;
}

const LEVELS: Readonly<Record<string, readonly [string, Style]>> = {
  debug: ["debug", "dim"],
  info: ["info ", "green"],
  warning: ["warn ", "yellow"],
  error: ["error", "red"],
};

/** Reads one line of a log; null for one that is none (a disk was full in the middle of it). */
export function readLogEntry(plugin: string, line: string): PluginLogEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? { plugin, ...value } : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is LogEntry {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as Partial<Record<keyof LogEntry, unknown>>; // as: that is what is checked here
  return [entry.time, entry.source, entry.level, entry.text].every((text) => typeof text === "string") &&
    (entry.console === undefined || typeof entry.console === "string");
}

/** For people. Colours of the plugin's own are kept where `color`; whatever else would steer a terminal is escaped. */
export function logLine(entry: PluginLogEntry, color: boolean, now: Date): string {
  const paint = painter(color);
  const [level, style] = LEVELS[entry.level] ?? [printable(entry.level), "dim"];
  const time = Number.isNaN(Date.parse(entry.time)) ? printable(entry.time) : formatClock(entry.time, now);
  const who = entry.source === "host" ? `${printable(entry.plugin)} (km)` : printable(entry.plugin);
  const said = color && entry.console !== undefined
    ? coloredLines(entry.console)
    : printable(entry.text.trimEnd());
  const times = entry.times === undefined ? "" : paint("dim", ` (${formatCount(entry.times)} times)`);
  return `${paint("dim", time)} ${paint(style, level)} ${paint("cyan", who)}: ${said}${times}`;
}

/** Further lines stand below the first, indented, so that none passes for an entry of its own. */
function coloredLines(text: string): string {
  return text.trimEnd().split("\n").map(printableColored).join("\n    ");
}
