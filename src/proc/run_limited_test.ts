import assert from "node:assert/strict";
import { kill } from "node:process";
import { until } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless } from "../../tests/skip.ts";
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

testUnless(
  NO_SH ?? missingProgram("setsid"),
  "runLimited() waits for nobody who holds the pipes, at the limit, when asked, or after the end",
  async () => {
    const stray = (then: string) => ["sh", "-c", `setsid sleep 20 & echo on; ${then}`] as const;
    const startedAt = performance.now();
    const late = await runLimited([...stray("wait")], { env: PATH, timeoutMs: 500 });
    assert.deepEqual([late.code, late.timedOut, late.out], [null, true, "on\n"]);
    const done = await runLimited([...stray("exit 4")], LONG);
    assert.deepEqual([done.code, done.timedOut, done.out], [4, false, "on\n"]);
    const signal = AbortSignal.timeout(300);
    await assert.rejects(runLimited([...stray("wait")], { ...LONG, signal }), { name: "TimeoutError" });
    assert.ok(performance.now() - startedAt < 10_000);
  },
);

testUnless(NO_SH, "runLimited() leaves nothing of the group after a normal end", async () => {
  const { code, out } = await runLimited(
    ["sh", "-c", "sleep 1000 </dev/null >/dev/null 2>&1 & echo $!"],
    LONG,
  );
  assert.equal(code, 0);
  await until(() => !isAlive(Number(out)), "the end of what it started");
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

/** False also for one that is dead and not yet waited for. */
function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return Deno.build.os !== "linux" || !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
