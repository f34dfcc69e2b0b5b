/**
 * Recordings of sessions as asciicast, which players of terminals read: one line of JSON for the header, then one for each event.
 * @see https://docs.asciinema.org/manual/asciicast/v3/ and …/v2/
 * @module
 */
import { constants } from "node:os";
import { printable } from "../core/printable.ts";
import type { Session, TerminalSize } from "../core/session.ts";
import type { StoredChunk } from "../store/session_output.ts";

export interface AsciicastOptions {
  /** 3: seconds since the event before; 2: seconds since the beginning. */
  readonly version?: 2 | 3 | undefined;
  /** What TERM was in the session. */
  readonly term?: string | undefined;
}

type Code = "o" | "r" | "m" | "x";

/** What the PTYs of sessions say they are. */
const DEFAULT_TERM = "xterm-256color";
const US_PER_S = 1_000_000;

/**
 * The lines of a recording, each with its line feed, one by one as the chunks are read. Output that is not there any more, or was never
 * stored, is told by a marker; bytes that are not UTF-8 become U+FFFD. Version 2 has no event for the exit of the program.
 */
export function* asciicastLines(
  session: Session,
  chunks: Iterable<StoredChunk>,
  options: AsciicastOptions = {},
): Generator<string> {
  const version = options.version ?? 3;
  let writer: EventLines | undefined;
  let seq = 0;
  for (const chunk of chunks) {
    const firstUs = chunk.frames[0]?.timeUs ?? session.createdUs;
    if (writer === undefined) {
      const startUs = chunk.firstSeq === 0 ? Math.min(session.createdUs, firstUs) : firstUs;
      yield headerLine(session, { ...options, size: chunk.size, startUs, missingBytes: chunk.firstSeq });
      writer = new EventLines(version, startUs);
    }
    if (chunk.firstSeq > seq) {
      yield* writer.flush();
      yield writer.line(firstUs, "m", missing(chunk.firstSeq - seq));
    }
    yield* writer.frames(chunk);
    seq = chunk.endSeq;
  }
  if (writer === undefined) {
    yield headerLine(session, {
      ...options,
      size: session.size,
      startUs: session.createdUs,
      missingBytes: session.seq,
    });
    writer = new EventLines(version, session.createdUs);
  }
  yield* writer.flush();
  const status = exitStatus(session);
  if (version === 3 && session.endedUs !== null && status !== null) {
    yield writer.line(session.endedUs, "x", String(status));
  }
}

function headerLine(
  session: Session,
  { version = 3, term = DEFAULT_TERM, size, startUs, missingBytes }: AsciicastOptions & {
    readonly size: TerminalSize;
    readonly startUs: number;
    readonly missingBytes: number;
  },
): string {
  const { cols, rows } = size;
  const title = (session.title || session.name) + (missingBytes > 0 ? ` (${missing(missingBytes)})` : "");
  return jsonLine({
    version,
    ...(version === 3 ? { term: { cols, rows, type: term } } : { width: cols, height: rows }),
    timestamp: Math.floor(startUs / US_PER_S),
    command: session.command.map(shellWord).join(" "),
    title: printable(title),
    env: { TERM: term },
  });
}

/** As shells say it: 128+n for signal n; null where nobody knows. */
function exitStatus({ exitCode, exitSignal }: Session): number | null {
  if (exitSignal === null) return exitCode;
  const signal = Object.entries(constants.signals).find(([name]) => name === exitSignal)?.[1];
  return signal === undefined ? exitCode : 128 + signal;
}

function missing(bytes: number): string {
  return `${bytes} bytes of output before this are not kept`;
}

/** A word as a shell reads it back. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Makes the lines of events; knows the time of the last one, and the beginning of a character that is not whole yet. */
class EventLines {
  readonly #version: 2 | 3;
  readonly #startUs: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Of the last event: what the intervals so far sum up to. */
  #lastUs: number;

  constructor(version: 2 | 3, startUs: number) {
    this.#version = version;
    this.#startUs = startUs;
    this.#lastUs = startUs;
  }

  *frames({ frames }: StoredChunk): Generator<string> {
    for (const frame of frames) {
      switch (frame.kind) {
        case "output": {
          const text = this.#decoder.decode(frame.bytes, { stream: true });
          if (text !== "") yield this.line(frame.timeUs, "o", text);
          break;
        }
        case "resize":
          yield this.line(frame.timeUs, "r", `${frame.size.cols}x${frame.size.rows}`);
          break;
        case "marker":
          yield this.line(frame.timeUs, "m", frame.text);
          break;
      }
    }
  }

  /** The bytes of a character that never became whole. */
  *flush(): Generator<string> {
    const text = this.#decoder.decode();
    if (text !== "") yield this.line(this.#lastUs, "o", text);
  }

  /** Times are whole µs, of which no sum drifts; a clock that was set back stands still. */
  line(timeUs: number, code: Code, data: string): string {
    const nowUs = Math.max(timeUs, this.#lastUs);
    const fromUs = this.#version === 3 ? this.#lastUs : this.#startUs;
    this.#lastUs = nowUs;
    return `[${seconds(nowUs - fromUs)}, ${JSON.stringify(code)}, ${JSON.stringify(data)}]\n`;
  }
}

/** Seconds with six digits, written from whole µs: no rounding. */
function seconds(us: number): string {
  return `${Math.floor(us / US_PER_S)}.${String(us % US_PER_S).padStart(6, "0")}`;
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
