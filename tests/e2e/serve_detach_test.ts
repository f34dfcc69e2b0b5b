/** km serve in the background: --detach, status, logs, stop. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { decode, isAlive, KM, runKm, Running, TempFolder, until } from "./harness.ts";

const NO_SIGNALS = Deno.build.os === "windows" ? "no signals on Windows" : null;

testUnless(NO_SIGNALS, "km serve --detach, status, logs and stop", async () => {
  verifies("serve-detach-status-stop-logs");
  using home = new TempFolder();
  const at = { home: home.path };
  assert.equal((await runKm(["status"], at)).code, EXIT_CODES.not_found);
  assert.equal((await runKm(["stop"], at)).code, EXIT_CODES.not_found);
  assert.equal((await runKm(["logs"], at)).code, EXIT_CODES.not_found);

  // Not by the harness, which ends all that its processes leave behind.
  const [program = "", ...words] = KM;
  const started = await new Deno.Command(program, {
    args: [...words, "serve", "--port", "0", "--detach"],
    env: { KM_HOME: home.path },
  }).output().then(({ code, stdout, stderr }) => ({ code, out: decode(stdout), err: decode(stderr) }));
  const pid = Number(/\(pid (\d+)\)/.exec(started.out)?.[1]);
  try {
    assert.equal(started.code, 0, started.err);
    assert.match(started.out, /^km serves http:\/\/127\.0\.0\.1:\d+ in the background/);
    assert.ok(isAlive(pid), "it outlives the command that started it");

    const again = await runKm(["serve", "--port", "0", "--detach"], at);
    assert.equal(again.code, EXIT_CODES.already_running);
    assert.match(again.err, /already serves this home/);

    const status = await runKm(["status", "--json"], at);
    const { running, urls, uptimeMs, store, ...rest } = JSON.parse(status.out);
    assert.equal(status.code, 0);
    assert.deepEqual([running, rest.pid, rest.home, store.state, rest.lastEvent], [
      true,
      pid,
      home.path,
      "ok",
      null,
    ]);
    assert.ok(started.out.includes(urls[0]));
    assert.ok(uptimeMs > 0);
    assert.match((await runKm(["status"], at)).out, new RegExp(`runs, pid ${pid}\naddress     ${urls[0]}\n`));

    await using follower = new Running(["logs", "--follow"], at);
    await follower.stdout.text("serves http://");
    const stopped = await runKm(["stop"], at);
    assert.equal(stopped.code, 0, stopped.err);
    await follower.stdout.text("stopped");
    assert.match((await runKm(["logs", "-n", "1"], at)).out, /^\S+ stopped\n$/);
    await until(() => !isAlive(pid), "the end of the daemon");
    assert.equal((await runKm(["status"], at)).code, EXIT_CODES.not_found);
  } finally {
    if (pid > 0 && isAlive(pid)) Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("km serve --detach tells why it could not start, with the daemon's own exit code", async () => {
  verifies("serve-detach-status-stop-logs");
  using home = new TempFolder();
  const { code, err, out } = await runKm(["serve", "--detach", "--port", "0", "--host", "0.0.0.0"], {
    home: home.path,
  });
  assert.equal(code, EXIT_CODES.usage);
  assert.match(err, /^km: error: Cannot listen on "0\.0\.0\.0"/);
  assert.equal(out, "");
});

Deno.test("km serve --detach says what cannot be written: the home, or the log", async () => {
  using home = new TempFolder();
  Deno.writeTextFileSync(`${home.path}/file`, "");
  const cases = [
    { home: `${home.path}/file/home`, args: [] },
    { home: home.path, args: ["--log-file", `${home.path}/none/log`] },
  ];
  for (const { home, args } of cases) {
    const { code, err } = await runKm(["serve", "--port", "0", "--detach", ...args], { home });
    assert.equal(code, EXIT_CODES.store_unavailable, err);
    assert.match(err, /^km: error: Cannot serve .* in the background: /);
    assert.match(err, /^km: hint: /m);
  }
});
