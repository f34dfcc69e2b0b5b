import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import { verifies } from "../../tests/verifies.ts";
import { HomeLock } from "./home_lock.ts";

Deno.test("HomeLock.take() gives the lock once, and again when it is free", () => {
  verifies("serve-one-per-home");
  const folder = Deno.makeTempDirSync({ prefix: "km-lock-" });
  const path = `${folder}/home/daemon.lock`;
  {
    using lock = HomeLock.take(path);
    assert.ok(lock);
    assert.equal(HomeLock.take(path), null);
  }
  using again = HomeLock.take(path);
  assert.ok(again);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("HomeLock.take() says why a home cannot be locked", () => {
  const folder = Deno.makeTempDirSync({ prefix: "km-lock-" });
  Deno.writeTextFileSync(`${folder}/file`, "");
  assert.throws(
    () => HomeLock.take(`${folder}/file/daemon.lock`),
    (error) => error instanceof KmError && error.code === "store_unavailable",
  );
  Deno.removeSync(folder, { recursive: true });
});
