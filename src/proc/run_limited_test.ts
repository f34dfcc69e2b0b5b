import assert from "node:assert/strict";
import { testUnless } from "../../tests/skip.ts";
import { runLimited } from "./run_limited.ts";

const NO_SH = Deno.build.os === "windows" ? "no sh on Windows" : null;
const PATH = { PATH: Deno.env.get("PATH") ?? "" };
const LONG = { env: PATH, timeoutMs: 20_000 };

testUnless(
  NO_SH,
  "runLimited() gives code, both streams, and only the environment that it was given",
  async () => {
    const ended = await runLimited(["sh", "-c", 'echo "$KM_X"; echo e >&2; exit 3'], {
      ...LONG,
      env: { ...PATH, KM_X: "x" },
    });
    assert.deepEqual(ended, { code: 3, out: "x\n", err: "e\n", timedOut: false });
  },
);

testUnless(NO_SH, "runLimited() ends what takes too long, with what it started", async () => {
  const { code, timedOut, out } = await runLimited(["sh", "-c", "echo on; sleep 1000 & trap '' TERM; wait"], {
    env: PATH,
    timeoutMs: 300,
  });
  assert.deepEqual([code, timedOut, out], [null, true, "on\n"]);
});

testUnless(NO_SH, "runLimited() ends it when asked, and throws the reason", async () => {
  const stop = new AbortController();
  const running = runLimited(["sh", "-c", "sleep 1000"], { ...LONG, signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(running, /enough/);
  await assert.rejects(runLimited(["true"], { ...LONG, signal: stop.signal }), /enough/);
});

Deno.test("runLimited() throws for what cannot be started", async () => {
  await assert.rejects(runLimited(["/nowhere/at/all"], LONG), /ENOENT/);
});
