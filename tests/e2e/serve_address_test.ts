/** km serve listens where it was told to, and nowhere else. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";

Deno.test("DENO_SERVE_ADDRESS does not move km serve away from loopback", async () => {
  verifies("serve-bind-refused");
  // A path that cannot be: with it nothing would listen.
  await using daemon = await RunningDaemon.start([], {
    env: { DENO_SERVE_ADDRESS: "unix:/nonexistent/km.sock" },
  });
  assert.match(daemon.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const answer = await daemon.get("/api/activity");
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
});
