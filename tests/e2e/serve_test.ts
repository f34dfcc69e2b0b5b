/** km serve as a process: where it listens, who may start it, the link for a browser. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { decode, isAlive, runKm, Running, TempFolder, until } from "./harness.ts";

const NO_XDG = Deno.build.os === "linux" ? null : "no xdg-open";
const NO_SIGNALS = Deno.build.os === "windows" ? "no signals on Windows" : null;

Deno.test("km serve --port 0 takes a free port, says which, and answers there", async () => {
  verifies("serve-ports", "api-health");
  await using daemon = await RunningDaemon.start();
  const [line = ""] = daemon.process.stdout.lines();
  assert.match(line, /^km serves http:\/\/127\.0\.0\.1:\d+$/);
  const health = await (await fetch(`${line.slice("km serves ".length)}/health`)).json();
  assert.equal(health.status, "ok");
  assert.ok(health.uptimeMs >= 0);
});

Deno.test("km serve listens on the address that --host names, and on no other", async () => {
  verifies("serve-ports", "fm-32-port-42");
  await using daemon = await RunningDaemon.start(["--host", "127.0.0.7"]);
  const { urls: [url = ""], ports: [port = 0] } = daemon.record;
  assert.equal(url, `http://127.0.0.7:${port}`);
  const connection = await Deno.connect({ hostname: "127.0.0.7", port });
  connection.close();
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
});

Deno.test("daemon.json names the process while it runs, and is gone when it has ended", async () => {
  verifies("serve-daemon-json");
  await using daemon = await RunningDaemon.start();
  const { pid, version, startedAt, urls, ports } = daemon.record;
  assert.equal(pid, daemon.process.pid);
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.ok(Math.abs(Date.parse(startedAt) - Date.now()) < 600_000);
  assert.deepEqual(urls, ports.map((port) => `http://127.0.0.1:${port}`));
  daemon.process.kill("SIGTERM");
  assert.equal((await daemon.process.exit()).code, 0);
  await assert.rejects(Deno.stat(`${daemon.home}/daemon.json`), Deno.errors.NotFound);
});

Deno.test("of four that start at once exactly one serves; the others say where it is", async () => {
  verifies("serve-one-per-home");
  using home = new TempFolder();
  const all = Array.from({ length: 4 }, () => new Running(["serve", "--port", "0"], { home: home.path }));
  try {
    await until(() => all.filter(({ pid }) => isAlive(pid)).length === 1, "one left");
    const winner = all.find(({ pid }) => isAlive(pid));
    await winner?.stdout.lineCount(1);
    const url = decode(winner?.stdout.bytes() ?? new Uint8Array()).trim().slice("km serves ".length);
    for (const loser of all.filter((each) => each !== winner)) {
      const { code, err, out } = await loser.ended();
      assert.equal(code, EXIT_CODES.already_running);
      assert.equal(out, "");
      assert.match(err, /^km: error: .*already serves this home/);
      assert.ok(err.includes(url), err);
    }
  } finally {
    for (const each of all) await each[Symbol.asyncDispose]();
  }
});

testUnless(NO_SIGNALS, "the home of a daemon that was killed can be served at once", async () => {
  verifies("serve-one-per-home");
  using home = new TempFolder();
  {
    await using first = await RunningDaemon.start([], { home: home.path });
    first.process.kill("SIGKILL");
    await first.process.exit();
    assert.ok(Deno.statSync(`${home.path}/daemon.json`).isFile, "it could not tidy up");
    assert.equal((await runKm(["status"], { home: home.path })).code, EXIT_CODES.not_found);
  }
  await using second = await RunningDaemon.start([], { home: home.path });
  assert.equal(second.record.pid, second.process.pid);
});

Deno.test("a port that another home's km has is told with that home", async () => {
  verifies("serve-ports");
  await using first = await RunningDaemon.start();
  using other = new TempFolder();
  const port = String(first.record.ports[0]);
  const { code, err } = await runKm(["serve", "--port", port], { home: other.path });
  assert.equal(code, EXIT_CODES.port_taken);
  assert.match(err, /the km of another home/);
  if (Deno.build.os === "linux") assert.ok(err.includes(first.home), err);
});

for (const host of ["0.0.0.0", "::", "0", "192.0.2.1"]) {
  Deno.test(`km serve --host ${host} is refused, with what would allow it`, async () => {
    verifies("serve-bind-refused");
    using home = new TempFolder();
    const { code, err } = await runKm(["serve", "--port", "0", "--host", host], { home: home.path });
    assert.equal(code, EXIT_CODES.usage);
    assert.match(err, /other machines could reach it[^]*--tls-cert[^]*--insecure-bind/);
  });
}

Deno.test("km serve --insecure-bind serves other addresses, and still asks who calls", async () => {
  verifies("serve-bind-refused");
  await using daemon = await RunningDaemon.start(["--host", "0.0.0.0", "--insecure-bind"]);
  const response = await fetch(`${daemon.url}/api/activity`);
  await response.body?.cancel();
  assert.equal(response.status, 401);
  assert.equal(
    (await daemon.get("/api/activity").then((answer) => answer.json().then(() => answer))).status,
    200,
  );
});

Deno.test("km serve --open prints a link that signs a browser in, once", async () => {
  verifies("serve-open");
  await using daemon = await RunningDaemon.start(["--open"], { env: { DISPLAY: "", WAYLAND_DISPLAY: "" } });
  const [, line = ""] = await daemon.process.stdout.lineCount(2);
  const code = /^open (http:\S+)\/#token=(\S+) /.exec(line)?.[2] ?? "";
  const signIn = async () => {
    const response = await fetch(`${daemon.url}/api/auth/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: daemon.url },
      body: JSON.stringify({ code }),
    });
    await response.body?.cancel();
    return response;
  };
  const first = await signIn();
  assert.equal(first.status, 204);
  assert.match(first.headers.get("Set-Cookie") ?? "", /HttpOnly/);
  assert.equal((await signIn()).status, 401);
  assert.ok(!decode(daemon.process.stderr.bytes()).includes(code), "the log does not tell it");
});

testUnless(NO_XDG, "km serve --open gives the browser a link of its own, in the background too", async () => {
  verifies("serve-open");
  using bin = new TempFolder();
  const opened = `${bin.path}/opened`;
  Deno.writeTextFileSync(`${bin.path}/xdg-open`, `#!/bin/sh\nprintf '%s\\n' "$1" >> "${opened}"\n`, {
    mode: 0o755,
  });
  const env = { PATH: `${bin.path}:${Deno.env.get("PATH")}`, DISPLAY: ":0" };
  const openedLinks = () => {
    try {
      return Deno.readTextFileSync(opened).split("\n").slice(0, -1);
    } catch {
      return [];
    }
  };
  const codeIn = (text: string) => /#token=(\S+)/.exec(text)?.[1] ?? "";
  {
    await using daemon = await RunningDaemon.start(["--open"], { env });
    const printed = codeIn((await daemon.process.stdout.lineCount(2))[1] ?? "");
    await until(() => openedLinks().length === 1, "the browser");
    assert.ok(openedLinks()[0]?.startsWith(`${daemon.url}/#token=`));
    assert.notEqual(codeIn(openedLinks()[0] ?? ""), printed);
  }
  using home = new TempFolder();
  const { out, err } = await runKm(["serve", "--port", "0", "--detach", "--open"], { home: home.path, env });
  try {
    assert.equal(openedLinks().length, 2, err);
    assert.notEqual(codeIn(openedLinks()[1] ?? ""), codeIn(out));
  } finally {
    await runKm(["stop"], { home: home.path });
  }
});

Deno.test.each(
  [
    ["--port", "99999", /Cannot listen on port 99999[^]*from 0 to 65535/],
    ["--port", "65536", /from 0 to 65535/],
    ["--also", "99999", /"99999" as a port[^]*from 1 to 65535/],
  ] as const,
)("km serve %s %s is refused before anything else", async (flag, port, message) => {
  using home = new TempFolder();
  for (const more of [[], ["--detach"]]) {
    const { code, err } = await runKm(["serve", flag, port, ...more], { home: `${home.path}/none` });
    assert.equal(code, EXIT_CODES.usage);
    assert.match(err, message);
    assert.throws(() => Deno.statSync(`${home.path}/none`), Deno.errors.NotFound);
  }
});

Deno.test("km status says that nothing is recorded, with and without km serve", async () => {
  await using daemon = await RunningDaemon.start();
  using none = new TempFolder();
  for (const home of [daemon.home, none.path]) {
    assert.match((await runKm(["status"], { home })).out, /\nnothing is recorded yet\n$/);
  }
  Deno.writeTextFileSync(`${none.path}/km.db`, "no database".repeat(1000));
  assert.match(
    (await runKm(["status"], { home: none.path })).out,
    /\nlast event {2}unknown; see "km doctor"\n$/,
  );
});

Deno.test("km serve prints no link where nobody looks", async () => {
  verifies("serve-open");
  await using daemon = await RunningDaemon.start();
  await daemon.process.stderr.text(" started, home ");
  assert.ok(!decode(daemon.process.stderr.bytes()).includes("http"), "each thing is said once");
  assert.ok(!decode(daemon.process.stdout.bytes()).includes("token"));
});
