import { deepEqual, equal, throws } from "node:assert/strict";
import { InputLog } from "./input_log.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const sent = (log: InputLog) =>
  log.takeUnsent().map(({ seq, bytes }) => [seq, new TextDecoder().decode(bytes)] as const);

Deno.test("InputLog sends each byte once, and again what was not taken when the connection broke", () => {
  const log = new InputLog();
  log.add(bytes("hello "));
  log.add(bytes("world"));
  deepEqual(sent(log), [[0, "hello "], [6, "world"]]);
  deepEqual(sent(log), []);
  log.taken(8);
  log.resumeAt(8);
  deepEqual(sent(log), [[8, "rld"]]);
  log.taken(11);
  log.resumeAt(11);
  deepEqual(sent(log), []);
});

Deno.test("InputLog drops what a server that forgot it may have had, and keeps what was never sent", () => {
  const log = new InputLog();
  log.add(bytes("abc"));
  sent(log);
  log.taken(2);
  log.add(bytes("new"));
  log.resumeAt(0);
  deepEqual(sent(log), [[0, "new"]]);
});

Deno.test("InputLog sends no more than a window at once, and holds no more than 8 MiB", () => {
  const log = new InputLog();
  log.add(new Uint8Array(2 * 1024 * 1024));
  equal(log.takeUnsent().reduce((sum, piece) => sum + piece.bytes.length, 0), 512 * 1024);
  log.taken(100_000);
  equal(log.takeUnsent().length > 0, true);
  throws(() => log.add(new Uint8Array(7 * 1024 * 1024)), /too much waits/);
});
