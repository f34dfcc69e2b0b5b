/**
 * What the recorder costs per message, without and with the store: `deno run -A scripts/bench/recorder.ts`.
 * Bar: 15 µs to split, decode, pair and redact, so that 20,000 messages/s leave half a core for the insert.
 * @module
 */
import { type Batch, newRun } from "../../src/core/event.ts";
import { IdMaker } from "../../src/core/id.ts";
import { createRedactor } from "../../src/core/redact.ts";
import type { Channel } from "../../src/core/tap.ts";
import { openDatabase } from "../../src/store/database.ts";
import { EventWriter } from "../../src/store/event_writer.ts";
import { BatchBuilder } from "../../src/recorder/batch_builder.ts";
import { LineSplitter } from "../../src/recorder/line_splitter.ts";
import { Transcriber } from "../../src/recorder/transcriber.ts";

const MESSAGES = 100_000;
const PAYLOAD_BYTES = 600;
const CHUNK_BYTES = 64 * 1024;
const run = newRun({
  correlationId: crypto.randomUUID(),
  server: "bench",
  command: '["bench"]',
  pid: 1,
  startedUs: Date.now() * 1000,
});

/** Calls and answers of about 600 bytes, in chunks as the relay reads them, by turns. */
function traffic(): { channel: Channel; bytes: Uint8Array }[] {
  const encoder = new TextEncoder();
  const words = "the tool reads a file and returns its contents as text while the caller waits for an answer "
    .repeat(9);
  const chunks: { channel: Channel; bytes: Uint8Array }[] = [];
  for (let id = 0; id < MESSAGES / 2;) {
    let asked = "";
    let answered = "";
    for (; asked.length < CHUNK_BYTES && id < MESSAGES / 2; id++) {
      const params = {
        name: `tool_${id % 20}`,
        arguments: { path: `/src/${id}.ts`, text: words.slice(id % 90, id % 90 + 470) },
      };
      asked += JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params }) + "\n";
      const content = [{ type: "text", text: words.slice(id % 80, id % 80 + 510) + id }];
      answered += JSON.stringify({ jsonrpc: "2.0", id, result: { content } }) + "\n";
    }
    chunks.push({ channel: 0, bytes: encoder.encode(asked) }, {
      channel: 1,
      bytes: encoder.encode(answered),
    });
  }
  return chunks;
}

function measure(name: string, write: (batch: Batch) => void, redact: boolean): void {
  const chunks = traffic();
  const batch = new BatchBuilder();
  const redactor = redact ? createRedactor(["a-secret-that-km-holds"]) : null;
  const transcriber = new Transcriber(run, { ids: new IdMaker(), redactor, sink: batch });
  const splitters = ([0, 1] as const).map((channel) =>
    new LineSplitter(2_000_000, {
      onLine: (line) => transcriber.line(channel, line),
      onGap: (gap) => transcriber.gap(channel, gap),
    })
  );
  const startMs = performance.now();
  let bytesTotal = 0;
  for (const { channel, bytes } of chunks) {
    bytesTotal += bytes.length;
    splitters[channel]?.push(bytes.slice(), Date.now());
    if (batch.isFull) write(batch.take(transcriber.run));
  }
  write(batch.take(transcriber.run));
  const tookMs = performance.now() - startMs;
  const line = `${(tookMs * 1000 / MESSAGES).toFixed(2)} µs/message, ${
    (bytesTotal / 1000 / tookMs).toFixed(0)
  } MB/s`;
  // deno-lint-ignore no-console -- a script's result
  console.log(
    `${name.padEnd(36)} ${line}  (${Math.round(bytesTotal / MESSAGES)} of ${PAYLOAD_BYTES} bytes each)`,
  );
}

const home = Deno.makeTempDirSync({ prefix: "km-bench-" });
try {
  for (let round = 0; round < 3; round++) {
    measure("split, decode, pair", () => {}, false);
    measure("split, decode, pair, redact", () => {}, true);
    using database = openDatabase(`${home}/${round}.db`, { mode: "write" });
    const writer = new EventWriter(database);
    measure("split, decode, pair, redact, store", (batch) => writer.append(batch), true);
  }
} finally {
  Deno.removeSync(home, { recursive: true });
}
