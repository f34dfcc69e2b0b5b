import assert from "node:assert/strict";
import { CopyPool } from "./copy_pool.ts";

Deno.test("CopyPool keeps every copy until reuse, whatever the sizes", () => {
  const pool = new CopyPool();
  for (let round = 0; round < 3; round++) {
    const copies = Array.from(
      { length: 300 },
      (_, i) => pool.copy(new Uint8Array((i * 7919) % 70_000).fill(i & 255)),
    );
    copies.push(pool.copy(new Uint8Array(3_000_000).fill(1)));
    copies.slice(0, 300).forEach((copy, i) => {
      assert.equal(copy.length, (i * 7919) % 70_000);
      assert.ok(copy.every((byte) => byte === (i & 255)));
    });
    pool.reuse();
  }
});
