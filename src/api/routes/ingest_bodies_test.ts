import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { verifies } from "../../../tests/verifies.ts";
import { eventJson } from "../../store/event_json.ts";
import { checkIntegrity } from "../../store/summary.ts";
import { randomFrom } from "../../store/testing.ts";
import { SentEventSchema } from "./ingest.ts";
import { event, IngestApi, JSON_TYPE, LIMITS, LINES_TYPE, request, response } from "./ingest_testing.ts";

const COMPRESS = { gzip: gzipSync, zstd: zstdCompressSync } as const;

for (const [encoding, compress] of Object.entries(COMPRESS)) {
  const headers = { ...JSON_TYPE, "Content-Encoding": encoding };

  Deno.test(`POST /api/events/batch reads ${encoding}`, async () => {
    verifies("api-ingest-batch");
    using api = new IngestApi();
    const body = compress(JSON.stringify({ events: [event(), event()] }));
    assert.equal((await api.post("/api/events/batch", body, headers)).body.accepted, 2);
  });

  Deno.test(`POST /api/events/batch reads ${encoding} in several parts`, async () => {
    using api = new IngestApi();
    const [a, b] = [compress(JSON.stringify(event()) + "\n"), compress(JSON.stringify(event()) + "\n")];
    const body = new Uint8Array([...a, ...b]);
    const answer = await api.post("/api/events/batch", body, { ...LINES_TYPE, "Content-Encoding": encoding });
    assert.equal(answer.body.accepted, 2);
  });

  Deno.test(`POST /api/events/batch answers a bomb of ${encoding} with 413`, async () => {
    verifies("api-limits");
    using api = new IngestApi();
    const bomb = compress(new Uint8Array(200 * 1024 * 1024));
    assert(bomb.length < LIMITS.maxBodyBytes);
    assert.equal((await api.post("/api/events/batch", bomb, headers)).status, 413);
  });

  Deno.test(`POST /api/events/batch refuses ${encoding} that is cut off, also at the end of a line`, async () => {
    verifies("api-ingest-whole");
    using api = new IngestApi();
    const lines = Array.from({ length: 300 }, () => JSON.stringify(event()) + "\n").join("");
    const body = compress(lines);
    for (const end of [body.length - 1, body.length - 5, body.length >> 1, 3]) {
      const cut = body.subarray(0, end);
      const answer = await api.post("/api/events/batch", cut, {
        ...LINES_TYPE,
        "Content-Encoding": encoding,
      });
      assert.equal(answer.status, 400, `${end} of ${body.length}`);
    }
  });
}

Deno.test("POST /api/events/batch refuses what it cannot read: types, encodings, sizes, counts", async () => {
  verifies("api-limits", "guard-content-type");
  using api = new IngestApi();
  const status = async (body: string, headers: Record<string, string>) =>
    (await api.post("/api/events/batch", body, headers)).status;
  assert.equal(await status("{}", { "Content-Type": "text/plain" }), 415);
  assert.equal(await status("{}", { ...JSON_TYPE, "Content-Encoding": "br" }), 415);
  assert.equal(await status(" ".repeat(LIMITS.maxBodyBytes + 1), JSON_TYPE), 413);
  assert.equal(await status(`{"events":[${Array(1001).fill("1")}]}`, JSON_TYPE), 413);
  assert.equal((await api.post("/api/events", "{}", LINES_TYPE)).status, 415);
});

Deno.test("POST /api/events/batch survives 10,000 broken bodies: no 500, and nothing is stored that was not valid", async () => {
  verifies("guard-fuzz", "api-ingest-whole");
  using api = new IngestApi({ maxEvents: 50 });
  const random = randomFrom(42);
  const below = (limit: number) => Math.floor(random() * limit);
  const encoder = new TextEncoder();
  const bases = [
    () => JSON.stringify({ events: [request(below(9)), response(below(9)), event()], correlationId: "c" }),
    () => [request(below(9)), response(below(9)), event()].map((each) => JSON.stringify(each)).join("\n"),
    () => JSON.stringify(event({ kind: "error", payload: { error: { code: 1 }, id: below(9) } })),
  ];
  const words = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "\\u0000",
    "\\ud800",
    "payload",
    "\0",
    "\n",
    "é",
  ];
  let accepted = 0;
  for (let round = 0; round < 10_000; round++) {
    const base = below(bases.length);
    let bytes = encoder.encode(bases[base]?.());
    for (let cuts = below(4); cuts > 0; cuts--) {
      const at = below(bytes.length);
      const word = encoder.encode(words[below(words.length)]);
      switch (below(4)) {
        case 0:
          bytes = new Uint8Array([...bytes.subarray(0, at), ...word, ...bytes.subarray(at)]);
          break;
        case 1:
          bytes = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + below(20))]);
          break;
        case 2:
          bytes[at] = below(256);
          break;
        default:
          bytes = bytes.slice(0, at + 1);
      }
    }
    const encoding = ["", "", "gzip", "zstd"][below(4)] ?? "";
    let body: Uint8Array = encoding === "gzip"
      ? gzipSync(bytes)
      : encoding === "zstd"
      ? zstdCompressSync(bytes)
      : bytes;
    if (encoding !== "" && below(2) === 0) (body = new Uint8Array(body))[below(body.length)] = below(256);
    const path = below(8) === 0 ? "/api/events" : "/api/events/batch";
    const headers = {
      ...base === 1 ? LINES_TYPE : JSON_TYPE,
      ...(encoding && { "Content-Encoding": encoding }),
    };
    const answer = await api.post(path, body, headers);
    assert([202, 400, 413, 415].includes(answer.status), `round ${round}: ${JSON.stringify(answer)}`);
    if (answer.status === 202) accepted += answer.body.accepted;
  }
  const events = api.events();
  assert.equal(events.length, accepted);
  assert(accepted > 1000);
  for (const each of events) {
    const checked = SentEventSchema.safeParse(JSON.parse(eventJson(each)));
    assert(checked.success, `${eventJson(each)}: ${checked.error}`);
  }
  assert.deepEqual(api.read((db) => checkIntegrity(db)), []);
});
