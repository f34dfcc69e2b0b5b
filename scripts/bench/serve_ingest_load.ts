// deno-lint-ignore-file no-console -- a script; its output is the result
/**
 * The load of the ingest bench, in a process of its own: `serve_ingest_load.ts <url> <token> <connections> <seconds> <format>`.
 *
 * Requests are made before the clock starts; only their ids are written anew for each, so that the generator is never what is
 * measured. Sockets and not fetch, for the same reason. Prints one line of JSON.
 * @module
 */
import { formatTimeUs, systemClock } from "../../src/core/clock.ts";
import { percentile } from "./figures.ts";

const EVENTS_PER_REQUEST = 100;
const EVENT_BYTES = 600;
const UUID_LENGTH = 36;
/** Prepared requests per connection; ids change, texts repeat. */
const BODIES = 8;
const WORDS =
  "the quick brown fox jumps over a lazy dog while reading files from disk and returning rows of data".split(
    " ",
  );

/** What was achieved. */
export interface LoadResult {
  readonly eventsPerSecond: number;
  readonly requests: number;
  /** Of one request, in ms. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** One request as bytes, with the places where its events' ids stand. */
interface Prepared {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ids: readonly number[];
}

const encoder = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, byte) => encoder.encode(byte.toString(16).padStart(2, "0")));
let counter = 0;

function text(length: number): string {
  let words = "";
  while (words.length < length) words += WORDS[Math.floor(Math.random() * WORDS.length)] + " ";
  return words.slice(0, Math.max(0, length));
}

/** A call of a tool and its answer: two events of `EVENT_BYTES` each, as `km events --json` prints them. */
function pair(rpcId: number, correlationId: string): string[] {
  const common = { correlationId, server: "files" };
  const nowUs = systemClock.nowUs();
  const event = (direction: string, kind: string, timeUs: number, payload: unknown) =>
    JSON.stringify({
      id: "0".repeat(UUID_LENGTH),
      time: formatTimeUs(timeUs),
      ...common,
      direction,
      kind,
      method: "tools/call",
      tool: "read_file",
      rpcId,
      sizeBytes: 300,
      truncated: false,
      durationMs: null,
      payload,
    });
  const request = (filler: string) =>
    event("client_to_server", "request", nowUs + rpcId * 10, {
      jsonrpc: "2.0",
      id: rpcId,
      method: "tools/call",
      params: { name: "read_file", arguments: { path: `/src/file_${rpcId}.ts`, note: filler } },
    });
  const response = (filler: string) =>
    event("server_to_client", "response", nowUs + rpcId * 10 + 5, {
      jsonrpc: "2.0",
      id: rpcId,
      result: { content: [{ type: "text", text: filler }] },
    });
  return [request, response].map((make) => make(text(EVENT_BYTES - make("").length)));
}

function prepare(url: URL, token: string, correlationId: string, format: string): Prepared {
  const events = Array.from({ length: EVENTS_PER_REQUEST / 2 }, (_, i) => pair(i + 1, correlationId)).flat();
  const body = format === "ndjson"
    ? events.join("\n") + "\n"
    : `{"events":[${events.join(",")}],"cliVersion":"bench","batchTimestamp":"${
      formatTimeUs(systemClock.nowUs())
    }","correlationId":"${correlationId}"}`;
  const head = `POST /api/events/batch HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/${
      format === "ndjson" ? "x-ndjson" : "json"
    }\r\nContent-Length: ${body.length}\r\n\r\n`;
  const ids: number[] = [];
  const mark = `"id":"${"0".repeat(UUID_LENGTH)}"`;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) ids.push(head.length + at + 6);
  return { bytes: encoder.encode(head + body), ids };
}

/** Writes UUIDv7s that were never used: the time of the request, and a counter. */
function freshen({ bytes, ids }: Prepared): void {
  const nowMs = Date.now();
  for (const at of ids) {
    const n = counter++;
    const hex = [
      nowMs / 2 ** 40,
      nowMs / 2 ** 32,
      nowMs / 2 ** 24,
      nowMs / 2 ** 16,
      -1,
      nowMs / 2 ** 8,
      nowMs,
      -1,
      0x70,
      0,
      -1,
      0x80,
      0,
      -1,
      Deno.pid / 256,
      Deno.pid,
      n / 2 ** 24,
      n / 2 ** 16,
      n / 2 ** 8,
      n,
    ];
    let to = at;
    for (const value of hex) {
      if (value < 0) bytes[to++] = 45;
      else {
        bytes.set(HEX[value % 256 | 0] as Uint8Array, to);
        to += 2;
      }
    }
  }
}

async function run(url: URL, token: string, options: LoadOptions): Promise<LoadResult> {
  const timesMs: number[] = [];
  let accepted = 0;
  const prepared = Array.from(
    { length: options.connections },
    (_, i) => Array.from({ length: BODIES }, () => prepare(url, token, `bench-${i}`, options.format)),
  );
  const started = performance.now();
  const end = started + options.seconds * 1000;
  await Promise.all(prepared.map(async (requests) => {
    using connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    const answers = new Answers(connection);
    for (let i = 0; performance.now() < end; i++) {
      const request = requests[i % BODIES] as Prepared; // as: within the array
      freshen(request);
      const sent = performance.now();
      for (let at = 0; at < request.bytes.length;) at += await connection.write(request.bytes.subarray(at));
      const taken = await answers.accepted();
      accepted += taken;
      timesMs.push(performance.now() - sent);
    }
  }));
  const seconds = (performance.now() - started) / 1000;
  return {
    eventsPerSecond: accepted / seconds,
    requests: timesMs.length,
    p50Ms: percentile(timesMs, 0.5),
    p95Ms: percentile(timesMs, 0.95),
  };
}

interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly format: string;
}

/** Answers of one connection, one after another. */
class Answers {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(16 * 1024);
  readonly #decoder = new TextDecoder();

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Events that the next answer says were taken. */
  async accepted(): Promise<number> {
    let received = "";
    for (;;) {
      const size = await this.#connection.read(this.#buffer);
      if (size === null) throw new Error(`the server closed the connection after: ${received}`);
      received += this.#decoder.decode(this.#buffer.subarray(0, size));
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd < 0) continue;
      const length = Number(/content-length: *(\d+)/i.exec(received)?.[1]);
      if (received.length < headEnd + 4 + length) continue;
      const accepted = /"accepted":(\d+)/.exec(received)?.[1];
      if (!received.startsWith("HTTP/1.1 202") || accepted !== String(EVENTS_PER_REQUEST)) {
        throw new Error(`not stored: ${received}`);
      }
      return Number(accepted);
    }
  }
}

if (import.meta.main) {
  const [url = "", token = "", connections = "16", seconds = "5", format = "json"] = Deno.args;
  const options = { connections: Number(connections), seconds: Number(seconds), format };
  console.log(JSON.stringify(await run(new URL(url), token, options)));
}
