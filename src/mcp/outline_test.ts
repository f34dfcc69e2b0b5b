import assert from "node:assert/strict";
import { Outline } from "./outline.ts";

const encoder = new TextEncoder();

function outline(text: string, cut = Infinity): unknown {
  const reader = new Outline();
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
  return plain(reader.value());
}

/** Without the missing prototype, so that it can be compared. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** What an outline keeps of a value: no array's members, no containers below the fourth level. */
function skeleton(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return depth === 0 ? null : value;
  if (depth === 4) return undefined;
  if (Array.isArray(value)) return depth === 0 ? null : [];
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, skeleton(each, depth + 1)]));
}

function randomValue(depth: number): unknown {
  const kind = Math.random();
  const texts = ["", "a", 'q"', "\\", '\\"', "{[,:]}", "é😀", "\n", "x".repeat(100)];
  if (depth > 5 || kind < 0.35) return texts[Math.floor(Math.random() * texts.length)];
  if (kind < 0.5) return [1, -2.5e7, true, false, null][Math.floor(Math.random() * 5)];
  const size = Math.floor(Math.random() * 4);
  if (kind < 0.65) return Array.from({ length: size }, () => randomValue(depth + 1));
  return Object.fromEntries(
    Array.from({ length: size }, (_, index) => [`k${index}"\\`, randomValue(depth + 1)]),
  );
}

Deno.test("Outline is the skeleton of any JSON, however it is cut and spaced", () => {
  for (let round = 0; round < 1_000; round++) {
    const value = randomValue(0);
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, "\t")]) {
      assert.deepEqual(outline(text, 1 + round % 7), plain(skeleton(value)), text);
    }
  }
});

Deno.test("Outline drops long values and keeps what comes after them", () => {
  assert.deepEqual(outline(JSON.stringify({ long: "x".repeat(5_000), ["y".repeat(5_000)]: 1, id: 3 })), {
    "": 1,
    id: 3,
  });
});

Deno.test("Outline keeps what a message that was cut off has said", () => {
  assert.deepEqual(outline(`{"jsonrpc":"2.0","id":5,"result":{"content":[{"text":"abc`), {
    jsonrpc: "2.0",
    id: 5,
    result: { content: [] },
  });
});

Deno.test("Outline bears bytes that are no JSON", () => {
  for (let round = 0; round < 500; round++) {
    const reader = new Outline();
    const alphabet = encoder.encode(`{}[]",:\\ 1a\xff`);
    reader.push(
      Uint8Array.from({ length: 60 }, () => alphabet[Math.floor(Math.random() * alphabet.length)] as number),
    );
    reader.value();
  }
});

Deno.test("Outline does not let a message change the prototype of objects", () => {
  const value = outline(`{"__proto__":{"polluted":true},"id":1}`) as { id: number };
  assert.equal(value.id, 1);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});
