/** km serve listens where it was told to, and nowhere else. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";

Deno.test("DENO_SERVE_ADDRESS does not move km serve away from loopback", async () => {
  verifies("serve-bind-refused");
  // Would be refused at once: km is not asked to listen on a path.
  await using daemon = await RunningDaemon.start([], {
    env: { DENO_SERVE_ADDRESS: "unix:/nonexistent/km.sock" },
  });
  assert.match(daemon.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await daemon.get("/api/health")).status, 200);
});
