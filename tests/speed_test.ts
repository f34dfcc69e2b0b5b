/** Bars on speed that hold on any machine with room to spare; all others are measured by the benches (BENCHMARKS.md). @module */
import assert from "node:assert/strict";
import { createRedactor } from "../src/core/redact.ts";
import { verifies } from "./verifies.ts";

/** Best of many short rounds: a busy machine slows some of them, never speeds one up. */
const ROUNDS = 20;
const ROUND_BYTES = 4 * 1024 * 1024;

Deno.test("Redactor reads tool results at 100 MB/s or more", () => {
  verifies("redact-speed");
  const redactor = createRedactor(["a-secret-that-km-holds"]);
  const text = "The tool reads a file and returns its contents as text. ".repeat(100);
  const message = JSON.stringify({ jsonrpc: "2.0", id: 4711, result: { content: [{ type: "text", text }] } });
  const bytes = new TextEncoder().encode(message);
  const times = Math.ceil(ROUND_BYTES / bytes.length);
  const speeds = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    for (let i = 0; i < times; i++) redactor.bytes(bytes);
    return bytes.length * times / 1e6 / ((performance.now() - startMs) / 1000);
  });
  assert.ok(Math.max(...speeds) >= 100, `${Math.max(...speeds).toFixed(0)} MB/s`);
});
