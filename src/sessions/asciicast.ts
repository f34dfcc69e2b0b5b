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

/** Where a recording goes on that is written page by page; plain data. */
export interface AsciicastPlace {
  readonly startUs: number;
  readonly lastUs: number;
  /** The byte that comes next. */
  readonly seq: number;
  /** Chunks without a byte that are written and lie at `seq`. */
  readonly emptyChunks: number;
  /** The beginning of a character whose end comes next. */
  readonly rest: readonly number[];
}

/**
 * The lines of a recording, each with its line feed, one by one as the chunks are read. Output that is not there any more, or was never
 * stored, is told by a marker; bytes that are not UTF-8 become U+FFFD. Version 2 has no event for the exit of the program.
 */
export function* asciicastLines(
  session: Session,
  chunks: Iterable<StoredChunk>,
  options: AsciicastOptions = {},
): Generator<string> {
  const recording = new Recording(session, options, null);
  for (const chunk of chunks) yield* recording.chunk(chunk);
  yield* recording.end();
}

/** As many of the lines as make about `maxChars`; `chunks` begin with the one that holds byte `after.seq`. `next` null: those were all. */
export function asciicastPage(
  session: Session,
  chunks: Iterable<StoredChunk>,
  options: AsciicastOptions & { readonly after: AsciicastPlace | null; readonly maxChars: number },
): { readonly text: string; readonly next: AsciicastPlace | null } {
  const recording = new Recording(session, options, options.after);
  let text = "";
  let toSkip = options.after?.emptyChunks ?? 0;
  for (const chunk of chunks) {
    const isEmpty = chunk.firstSeq === chunk.endSeq && chunk.endSeq === options.after?.seq;
    if (isEmpty && toSkip-- > 0) continue;
    if (text.length >= options.maxChars) return { text, next: recording.place };
    for (const line of recording.chunk(chunk)) text += line;
  }
  for (const line of recording.end()) text += line;
  return { text, next: null };
}

/** A recording that is being written. */
class Recording {
  readonly #session: Session;
  readonly #options: AsciicastOptions;
  #writer: EventLines | null;
  #seq: number;
  #emptyChunks: number;

  constructor(session: Session, options: AsciicastOptions, place: AsciicastPlace | null) {
    this.#session = session;
    this.#options = options;
    this.#seq = place?.seq ?? 0;
    this.#emptyChunks = place?.emptyChunks ?? 0;
    this.#writer = place && new EventLines(options.version ?? 3, place.startUs, place);
  }

  get place(): AsciicastPlace | null {
    return this.#writer && { ...this.#writer.place, seq: this.#seq, emptyChunks: this.#emptyChunks };
  }

  *chunk(chunk: StoredChunk): Generator<string> {
    const session = this.#session;
    const firstUs = chunk.frames[0]?.timeUs ?? session.createdUs;
    if (this.#writer === null) {
      const startUs = chunk.firstSeq === 0 ? Math.min(session.createdUs, firstUs) : firstUs;
      const missingBytes = chunk.firstSeq;
      yield headerLine(session, { ...this.#options, size: chunk.size, startUs, missingBytes });
      this.#writer = new EventLines(this.#options.version ?? 3, startUs);
    }
    if (chunk.firstSeq > this.#seq) {
      yield* this.#writer.flush();
      yield this.#writer.line(firstUs, "m", missing(chunk.firstSeq - this.#seq));
    }
    yield* this.#writer.frames(chunk);
    const isEmpty = chunk.firstSeq === chunk.endSeq;
    this.#emptyChunks = !isEmpty ? 0 : chunk.endSeq === this.#seq ? this.#emptyChunks + 1 : 1;
    this.#seq = chunk.endSeq;
  }

  *end(): Generator<string> {
    const session = this.#session;
    if (this.#writer === null) {
      const { size, createdUs: startUs, seq: missingBytes } = session;
      yield headerLine(session, { ...this.#options, size, startUs, missingBytes });
      this.#writer = new EventLines(this.#options.version ?? 3, startUs);
    }
    yield* this.#writer.flush();
    const status = exitStatus(session);
    const hasExit = (this.#options.version ?? 3) === 3 && session.endedUs !== null && status !== null;
    if (hasExit) yield this.#writer.line(session.endedUs ?? 0, "x", String(status));
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

  /** The last bytes of output, of which a character may be the beginning. */
  #lastBytes: readonly number[] = [];

  constructor(
    version: 2 | 3,
    startUs: number,
    { lastUs = startUs, rest = [] }: Partial<Pick<AsciicastPlace, "lastUs" | "rest">> = {},
  ) {
    this.#version = version;
    this.#startUs = startUs;
    this.#lastUs = lastUs;
    this.#lastBytes = rest;
    this.#decoder.decode(Uint8Array.from(rest), { stream: true });
  }

  get place(): Pick<AsciicastPlace, "startUs" | "lastUs" | "rest"> {
    return { startUs: this.#startUs, lastUs: this.#lastUs, rest: unfinished(this.#lastBytes) };
  }

  *frames({ frames }: StoredChunk): Generator<string> {
    for (const frame of frames) {
      switch (frame.kind) {
        case "output": {
          const text = this.#decoder.decode(frame.bytes, { stream: true });
          this.#lastBytes = [...this.#lastBytes, ...frame.bytes.subarray(-3)].slice(-3);
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
    this.#lastBytes = [];
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

/** The bytes at the end of at most three that begin a character which is not whole. */
function unfinished(bytes: readonly number[]): readonly number[] {
  const from = bytes.findLastIndex((byte) => byte >= 0xc0);
  const lead = bytes[from] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const rest = from < 0 ? [] : bytes.slice(from);
  const areContinued = rest.slice(1).every((byte) => (byte & 0xc0) === 0x80);
  return lead <= 0xf4 && lead >= 0xc2 && areContinued && rest.length < length ? rest : [];
}

/** Seconds with six digits, written from whole µs: no rounding. */
function seconds(us: number): string {
  return `${Math.floor(us / US_PER_S)}.${String(us % US_PER_S).padStart(6, "0")}`;
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
