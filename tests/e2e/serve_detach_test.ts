/** km serve in the background: --detach, status, logs, stop. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { decode, isAlive, KM, KM_ENV, runKm, Running, TempFolder, until } from "./harness.ts";

const NO_SIGNALS = Deno.build.os === "windows" ? "no signals on Windows" : null;

testUnless(
  NO_SIGNALS,
  "km stop signals nobody when daemon.json comes from another host, and km status does not believe it unproven",
  async () => {
    verifies("serve-detach-status-stop-logs");
    using home = new TempFolder();
    const at = { home: home.path };
    // Has, here, the pid that the daemon has there.
    await using stranger = new Running([], { ...at, command: ["cat"] });
    const mark = { pid: stranger.pid, start: "another boot 1", host: "elsewhere pid:[7]" };
    const record = {
      pid: stranger.pid,
      version: "1.2.3",
      startedAt: "2026-11-21T12:00:00.000000Z",
      urls: ["http://127.0.0.1:1"],
      ports: [1],
      process: mark,
    };
    Deno.writeTextFileSync(`${home.path}/daemon.json`, JSON.stringify(record));
    const stop = await runKm(["stop"], at);
    assert.equal(stop.code, EXIT_CODES.unsupported);
    assert.match(
      stop.err,
      /Cannot stop km serve: it runs on another host \(elsewhere pid:\[7\]\)\nkm: hint: run "km stop" there/,
    );
    const status = await runKm(["status"], at);
    assert.equal(status.code, EXIT_CODES.not_found);
    assert.match(
      status.out,
      /^km serve may run on another host \(elsewhere pid:\[7\]\), but does not answer as that of /,
    );
    const { running, pid, urls, otherHost } = JSON.parse((await runKm(["status", "--json"], at)).out);
    assert.deepEqual([running, pid, urls, otherHost], [false, null, [], mark.host]);
    const doctor = (await runKm(["doctor", "--json"], at)).out;
    assert.match(
      doctor,
      /"daemon","status":"warn","detail":"by its file, km 1\.2\.3 serves this home on another host/,
    );
    await stranger.write("still there");
    await stranger.stdout.text("still there");
  },
);

testUnless(
  NO_SIGNALS,
  "km status believes a km serve of another host that proves that it is the one of this home",
  async () => {
    verifies("serve-detach-status-stop-logs");
    await using daemon = await RunningDaemon.start();
    const { record } = daemon;
    const moved = { ...record, process: { ...record.process, host: "elsewhere" } };
    Deno.writeTextFileSync(`${daemon.home}/daemon.json`, JSON.stringify(moved));
    const { code, out } = await runKm(["status"], { home: daemon.home });
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^km serve \\S+ runs on another host \\(elsewhere\\), pid ${record.pid}\n`));
    assert.equal((await runKm(["stop"], { home: daemon.home })).code, EXIT_CODES.unsupported);
    assert.ok(isAlive(record.pid));
  },
);

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
    env: { ...KM_ENV, KM_HOME: home.path },
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
