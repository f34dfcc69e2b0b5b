import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { eraseLeftovers } from "./erase.ts";
import { makeTool, MINUTE_US, NOON_US, TempStore } from "./testing.ts";
import { listedTools } from "./tools.ts";

Deno.test("listedTools() says when a definition last changed, and what its hash was before", () => {
  verifies("api-servers-tools");
  using store = new TempStore();
  const list = (minute: number, byte: string) =>
    store.append({ tools: [{ ...makeTool("read", NOON_US + minute * MINUTE_US), sha256: byte.repeat(32) }] });
  const changed = () => {
    const [tool] = listedTools(store.db);
    return [tool?.changedUs, tool?.previousSha256];
  };
  list(0, "0a");
  list(1, "0a");
  assert.deepEqual(changed(), [null, null]);
  list(2, "0b");
  list(3, "0b");
  assert.deepEqual(changed(), [NOON_US + 2 * MINUTE_US, "0a".repeat(32)]);
  list(4, "0c");
  assert.deepEqual(changed(), [NOON_US + 4 * MINUTE_US, "0b".repeat(32)]);
});

Deno.test("eraseLeftovers() forgets changes of definitions too", () => {
  using store = new TempStore();
  for (const byte of ["0a", "0b"]) {
    store.append({ tools: [{ ...makeTool("read", NOON_US), sha256: byte.repeat(32) }] });
  }
  eraseLeftovers(store.db);
  assert.equal(store.db.get<{ n: number }>("SELECT count(*) AS n FROM tool_changes")?.n, 0);
});
