import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { findEvent, listEvents } from "./events.ts";
import { indexPending } from "./search.ts";
import { makeEvent, NOON_US, randomFrom, TempStore } from "./testing.ts";

const TOOLS = JSON.stringify(
  Array.from({ length: 60 }, (_, i) => ({ name: `tool_${i}`, description: `does the thing ${i} well` })),
);

function payloads(store: TempStore): { rows: number; refs: number; bytes: number; compressed: number } {
  return store.db.get(
    "SELECT count(*) AS rows, coalesce(sum(refs), 0) AS refs, sum(length(data)) AS bytes, min(compressed) AS compressed FROM payloads",
  ) as { rows: number; refs: number; bytes: number; compressed: number };
}

const IDS: readonly (readonly [name: string, message: (id: string) => string])[] = [
  ["at the beginning", (id) => `{"jsonrpc":"2.0","id":${id},"result":{"tools":${TOOLS}}}`],
  ["at the end", (id) => `{"result":{"tools":${TOOLS}},"jsonrpc":"2.0","id":${id}}`],
];
for (const [name, message] of IDS) {
  Deno.test(`append() stores a large answer once, whatever its id ${name}, and gives each back as it came`, () => {
    verifies("store-dedup", "store-compression");
    using store = new TempStore();
    const ids = ["1", "2", "-7", "123456789", '"a"', '"id-\\u00e9"', "3.5"];
    const events = ids.map((id, i) => makeEvent("response", NOON_US + i, { rpcId: id, text: message(id) }));
    for (const event of events) store.append({ events: [event] });
    const { rows, refs, bytes, compressed } = payloads(store);
    assert.deepEqual([rows, refs, compressed], [1, ids.length, 1]);
    assert.ok(bytes < message("1").length / 2, `${bytes} bytes`);
    for (const [i, event] of events.entries()) {
      assert.deepEqual(findEvent(store.db, event.id).event.payload, JSON.parse(message(ids[i] as string)));
    }
  });
}

Deno.test("append() keeps a large message whose id is not where it should be", () => {
  verifies("store-dedup");
  using store = new TempStore();
  const event = makeEvent("response", NOON_US, { rpcId: "1", text: `{ "id" : 1, "result": ${TOOLS} }` });
  store.append({ events: [event] });
  assert.deepEqual(findEvent(store.db, event.id).event.payload, { id: 1, result: JSON.parse(TOOLS) });
});

Deno.test("append() and reading give back any bytes of any size, before and after they are merged and indexed", () => {
  verifies("store-compression");
  using store = new TempStore();
  const random = randomFrom(5);
  const sizes = [0, 1, 399, 400, 401, 2047, 2048, 2049, 4096, 65_535, 65_536, 70_000, 300_000];
  const events = Array.from({ length: 300 }, (_, i) => {
    const size = sizes[i] ?? Math.floor(random() ** 6 * 20_000);
    const same = random() < 0.5;
    const payload = Uint8Array.from(
      { length: size },
      (_, at) => same ? 97 + at % 7 : Math.floor(random() * 256),
    );
    return makeEvent("invalid", NOON_US + i, { format: "bytes", payload, rpcId: null });
  });
  for (let at = 0; at < events.length;) {
    const size = 1 + Math.floor(random() * 20);
    store.append({ events: events.slice(at, at + size) });
    at += size;
  }
  for (const indexed of [false, true]) {
    if (indexed) { while (indexPending(store.db, { maxEvents: 100 }) > 0); }
    const read = listEvents(store.db, {}, 1000).reverse().map((event) => event.payload);
    assert.deepEqual(read, events.map((event) => ({ base64: event.payload?.toBase64() })));
  }
});

Deno.test("append() packs small messages together, compressed", () => {
  verifies("store-compression");
  using store = new TempStore();
  const events = Array.from(
    { length: 200 },
    (_, i) =>
      makeEvent("request", NOON_US + i, {
        text: `{"jsonrpc":"2.0","id":${i},"method":"ping","params":{"some":"thing"}}`,
      }),
  );
  store.append({ events });
  const rows = store.db.all<{ compressed: number; bytes: number; size: number }>(
    "SELECT compressed, length(data) AS bytes, size FROM blocks",
  );
  assert.equal(rows.length, 1);
  const [block] = rows;
  assert.ok(block && block.compressed === 1 && block.bytes < block.size / 5);
});

Deno.test("append() leaves a lone small message plain", () => {
  verifies("store-compression");
  using store = new TempStore();
  store.append({ events: [makeEvent("request", NOON_US)] });
  assert.deepEqual(store.db.all("SELECT compressed FROM blocks").map((row) => row.compressed), [0]);
});
