import { deepEqual } from "node:assert/strict";
import { withCtrl } from "./key_row.tsx";

Deno.test("withCtrl() makes a letter what Ctrl makes of it, and leaves the rest", () => {
  deepEqual([...withCtrl(Uint8Array.of(0x63))], [3]);
  deepEqual([...withCtrl(Uint8Array.of(0x43))], [3]);
  deepEqual([...withCtrl(Uint8Array.of(0x5b))], [27]);
  deepEqual([...withCtrl(Uint8Array.of(0x31))], [0x31]);
  deepEqual([...withCtrl(Uint8Array.of(0x1b, 0x5b, 0x41))], [0x1b, 0x5b, 0x41]);
});
