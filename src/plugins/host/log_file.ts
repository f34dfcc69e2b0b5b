/** `logs/<name>.jsonl`: what a plugin said and what happened to it, one JSON object a line; bounded in a minute and on disk. @module */
import { removeIfThere } from "./replace_file.ts";

const MINUTE_MS = 60_000;
/** Then the file becomes `<name>.jsonl.1`, in the place of the one before. */
const ROTATE_BYTES = 4 * 1024 * 1024;
/** Longest text of one line. */
const MAX_TEXT_CHARS = 16 * 1024;
/** Most that km itself says in a minute of one kind, and in one line: a plugin decides how much there is to say. */
const NOTES_PER_MINUTE = 20;
/** V8's last words have many lines, and a process has few of them. */
const STDERR_PER_MINUTE = 100;
const MAX_NOTE_CHARS = 1024;

/** What km's own lines are about: each kind has its share of a minute; of refusals each kind of permission has. */
export type NoteKind = "start" | "end" | "failure" | `refusal of ${string}` | "stderr" | "state";

export type LogEntryLevel = "debug" | "info" | "warning" | "error";

/** One line. Names are a contract (`km plugins logs --json`). */
export interface LogEntry {
  /** ISO 8601. */
  readonly time: string;
  /** `plugin`: its own words. `host`: km about it. */
  readonly source: "plugin" | "host";
  readonly level: LogEntryLevel;
  readonly text: string;
  /** What watchers of the console are shown in place of `text`; absent: nothing. */
  readonly console?: string;
}

export interface LogFileOptions {
  readonly path: string;
  /** Most that a plugin may say in a minute; what km says of it has a bound of its own. */
  readonly bytesPerMinute: number;
  readonly nowMs: () => number;
  readonly rotateBytes?: number;
}

/** What became of a line. */
export type LogFate = "written" | "cut";

export class LogFile {
  readonly #options: LogFileOptions;
  #minuteStartMs = 0;
  #minuteBytes = 0;
  #cutInMinute = 0;
  readonly #notesInMinute = new Map<NoteKind, number>();
  #sizeBytes: number | null = null;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#minuteStartMs = options.nowMs();
  }

  /** Bytes that the plugin wanted to write in this minute, cut ones included. */
  get minuteBytes(): number {
    return this.#minuteBytes;
  }

  /** Writes a line of the plugin's, unless it has said too much in this minute. */
  say(level: LogEntryLevel, text: string, shown: string): LogFate {
    this.#turnMinute();
    const entry = this.#entry("plugin", level, text, shown);
    const line = lineOf(entry);
    this.#minuteBytes += line.length;
    if (this.#minuteBytes > this.#options.bytesPerMinute) {
      this.#cutInMinute++;
      return "cut";
    }
    this.#append(line);
    return "written";
  }

  /** Writes a line of km's own; of more in a minute than a few of one kind, the number. */
  note(kind: NoteKind, level: LogEntryLevel, text: string): void {
    this.#turnMinute();
    const count = (this.#notesInMinute.get(kind) ?? 0) + 1;
    this.#notesInMinute.set(kind, count);
    if (count <= shareOf(kind)) this.#noteNow(level, text);
  }

  /** Nothing follows: says what was left out so far. */
  close(): void {
    this.#tellCut();
  }

  /** Says what was cut, when a minute is over; called now and then. */
  tick(): void {
    this.#turnMinute();
  }

  #turnMinute(): void {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#minuteStartMs < MINUTE_MS) return;
    this.#minuteStartMs = nowMs;
    this.#tellCut();
  }

  #tellCut(): void {
    const cut = this.#cutInMinute;
    this.#minuteBytes = this.#cutInMinute = 0;
    if (cut > 0) this.#noteNow("warning", `${linesWere(cut)} cut: too much in one minute`);
    for (const [kind, count] of this.#notesInMinute) {
      const more = count - shareOf(kind);
      if (more > 0) this.#noteNow("warning", `${linesWere(more)} left out, about: ${kind}`);
    }
    this.#notesInMinute.clear();
  }

  #noteNow(level: LogEntryLevel, text: string): void {
    this.#append(lineOf(this.#entry("host", level, text.slice(0, MAX_NOTE_CHARS), "")));
  }

  #entry(source: LogEntry["source"], level: LogEntryLevel, text: string, shown: string): LogEntry {
    return {
      time: new Date(this.#options.nowMs()).toISOString(),
      source,
      level,
      text: text.slice(0, MAX_TEXT_CHARS),
      ...(shown === "" ? {} : { console: shown.slice(0, MAX_TEXT_CHARS) }),
    };
  }

  /** A disk that is full costs the line, and nothing else. */
  #append(line: Uint8Array): void {
    const { path, rotateBytes = ROTATE_BYTES } = this.#options;
    try {
      this.#sizeBytes ??= sizeOf(path);
      if (this.#sizeBytes > 0 && this.#sizeBytes + line.length > rotateBytes) {
        removeIfThere(`${path}.1`);
        Deno.renameSync(path, `${path}.1`);
        this.#sizeBytes = 0;
      }
      Deno.writeFileSync(path, line, { append: true, mode: 0o600 });
      this.#sizeBytes += line.length;
    } catch {
      this.#sizeBytes = null;
    }
  }
}

const encoder = new TextEncoder();

function shareOf(kind: NoteKind): number {
  return kind === "stderr" ? STDERR_PER_MINUTE : NOTES_PER_MINUTE;
}

function linesWere(count: number): string {
  return count === 1 ? "1 line was" : `${count} lines were`;
}

function lineOf(entry: LogEntry): Uint8Array {
  return encoder.encode(JSON.stringify(entry) + "\n");
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
