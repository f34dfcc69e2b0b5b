// deno-lint-ignore-file no-console -- a script; its output is the figures
/**
 * The readers of `serve_streams.ts`, in a process of their own: many streams over bare sockets, so that reading costs little beside what
 * is measured. Arguments: port, token, streams, seconds to warm up, seconds to measure. Prints one JSON object.
 *
 * A sample is the first event of each chunk that arrives, which is the one that waited longest.
 * @module
 */
import { percentile } from "./figures.ts";

const [port = "0", token = "", streams = "1", warmUpS = "2", seconds = "5"] = Deno.args;
/** Where an event's time is looked for, from the beginning of a chunk, in bytes. */
const LOOKED_AT_BYTES = 4096;
const TIME = /"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{3})Z"/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");
const samplesMs: number[] = [];
let bytes = 0;
let resyncs = 0;
let isMeasuring = false;

async function read(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const length = await connection.read(buffer).catch(() => null);
    if (length === null) return;
    if (!isMeasuring) continue;
    const nowMs = performance.timeOrigin + performance.now();
    bytes += length;
    const text = decoder.decode(buffer.subarray(0, Math.min(length, LOOKED_AT_BYTES)));
    if (text.includes("event: resync")) resyncs++;
    const time = TIME.exec(text);
    if (time) samplesMs.push(nowMs - (Date.parse(`${time[1]}Z`) + Number(time[2]) / 1000));
  }
}

const connections: Deno.TcpConn[] = [];
for (let i = 0; i < Number(streams); i++) {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await connection.write(encoder.encode(
    `GET /api/stream HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  ));
  connections.push(connection);
}
const reading = connections.map(read);
console.error("connected");
await new Promise((resolve) => setTimeout(resolve, Number(warmUpS) * 1000));
isMeasuring = true;
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
isMeasuring = false;
for (const connection of connections) connection.close();
await Promise.all(reading);
console.log(JSON.stringify({
  p50Ms: percentile(samplesMs, 0.5),
  p95Ms: percentile(samplesMs, 0.95),
  p99Ms: percentile(samplesMs, 0.99),
  maxMs: percentile(samplesMs, 1),
  samples: samplesMs.length,
  megabytesPerSecond: bytes / Number(seconds) / 1e6,
  resyncs,
}));
