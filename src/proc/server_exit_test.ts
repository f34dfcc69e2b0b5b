import assert from "node:assert/strict";
import { decodeWaitStatus, exitCodeOf, signalName } from "./server_exit.ts";

Deno.test("decodeWaitStatus() reads codes and signals, with and without a core file", () => {
  assert.deepEqual(decodeWaitStatus(7 << 8), { kind: "code", code: 7 });
  assert.deepEqual(decodeWaitStatus(0), { kind: "code", code: 0 });
  assert.deepEqual(decodeWaitStatus(11 | 0x80), { kind: "signal", signal: 11 });
});

Deno.test("exitCodeOf() says 128+n for signal n", () => {
  assert.equal(exitCodeOf({ kind: "signal", signal: 9 }), 137);
  assert.equal(exitCodeOf({ kind: "code", code: 3 }), 3);
});

Deno.test("signalName() names what has a name", () => {
  assert.equal(signalName(15), "SIGTERM");
  assert.equal(signalName(50), "signal 50");
});
