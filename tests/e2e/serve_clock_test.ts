/** The daemon when somebody turns the clock. In this process, because a clock of its own is something no process has. @module */
import assert from "node:assert/strict";
import { kmPaths } from "../../src/config/paths.ts";
import { startDaemon } from "../../src/daemon/daemon.ts";
import { verifies } from "../verifies.ts";
import { TempFolder } from "./harness.ts";

const DAY_MS = 86_400_000;

/** Turns the wall clock of this thread by `ms`; back when disposed of. */
function turnClock(ms: number): Disposable {
  const { now } = Date;
  Date.now = () => now() + ms;
  return { [Symbol.dispose]: () => void (Date.now = now) };
}

for (
  const [name, turnMs] of [["a year ahead", 365 * DAY_MS], ["a year back", -365 * DAY_MS], [
    "before 1970",
    -100 * 365 * DAY_MS,
  ]] as const
) {
  Deno.test(`a clock that jumps ${name} changes neither uptime nor who may ask nor what is answered`, async () => {
    verifies("fault-clock-jump");
    using folder = new TempFolder();
    const paths = kmPaths({ env: (variable) => variable === "KM_HOME" ? folder.path : undefined });
    const daemon = await startDaemon({ paths, host: "127.0.0.1", port: 0, version: "1.2.3" });
    try {
      const token = Deno.readTextFileSync(paths.token).trim();
      const ask = async (path: string) => {
        const response = await fetch(daemon.urls[0] + path, {
          headers: { Authorization: `Bearer ${token}` },
        });
        return { status: response.status, body: await response.json() };
      };
      const code = daemon.createLink().split("#token=")[1];
      const before = (await ask("/health")).body.uptimeMs;
      using _turned = turnClock(turnMs);
      const after = (await ask("/health")).body.uptimeMs;
      assert.ok(after >= before && after < 600_000, `${before} ms, then ${after} ms`);
      assert.equal((await ask("/ready")).status, 200);
      assert.equal((await ask("/api/activity")).status, 200);
      assert.equal((await ask("/api/stats?since=1h")).status, 200);
      const signIn = await fetch(`${daemon.urls[0]}/api/auth/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: daemon.urls[0] ?? "" },
        body: JSON.stringify({ code }),
      });
      assert.equal(signIn.status, 204, "a link made before is still good");
    } finally {
      await daemon.stop();
    }
  });
}
