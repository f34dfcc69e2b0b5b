/** km serve as a process: where it listens, who may start it, how it ends. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { Collected, decode, isAlive, KM, runKm, Running, TempFolder, until } from "./harness.ts";

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

testUnless(NO_SIGNALS, "a stop answers the request that is under way, then ends with 0", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const port = daemon.record.ports[0] ?? 0;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const send = (text: string) => connection.write(new TextEncoder().encode(text));
  const body = JSON.stringify({ scopes: ["read"], name: "slow" });
  await send(
    `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${daemon.token}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  // Its answer comes after that of the slow one has begun to be read: the same process, one after the other.
  await (await daemon.get("/health")).body?.cancel();
  daemon.process.kill("SIGTERM");
  await daemon.process.stderr.text("stopping");
  await send(body.slice(10));
  const answer = await new Response(connection.readable).text();
  assert.match(answer, /^HTTP\/1\.1 (?!503)\d{3} /);
  assert.ok(!answer.includes('"stopping"'), answer);
  const { code, err } = await daemon.process.ended();
  assert.equal(code, 0);
  assert.match(err, /stopped\n$/);
});

testUnless(
  NO_SIGNALS,
  "a stop does not wait for ever for a request that never comes to its end",
  async () => {
    verifies("serve-graceful-stop");
    await using daemon = await RunningDaemon.start();
    const port = daemon.record.ports[0] ?? 0;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(
      `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${daemon.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ));
    await (await daemon.get("/health")).body?.cancel();
    daemon.process.kill("SIGTERM");
    const { code, err } = await daemon.process.ended();
    assert.equal(code, 0, err);
    await assert.rejects(Deno.stat(`${daemon.home}/daemon.json`), Deno.errors.NotFound);
  },
);

testUnless(NO_SIGNALS, "a stop ends open streams cleanly", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const stream = await daemon.get("/api/stream");
  assert.equal(stream.status, 200);
  daemon.process.kill("SIGTERM");
  // A body that was cut would reject.
  await stream.text();
  const { code, err } = await daemon.process.ended();
  assert.deepEqual([code, /were cut/.test(err)], [0, false]);
});

Deno.test("km serve --open prints a link that signs a browser in, once", async () => {
  verifies("serve-open");
  await using daemon = await RunningDaemon.start(["--open"]);
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

Deno.test("km serve prints no link where nobody looks", async () => {
  verifies("serve-open");
  await using daemon = await RunningDaemon.start();
  await daemon.process.stderr.text("serves http");
  assert.ok(!decode(daemon.process.stdout.bytes()).includes("token"));
});

testUnless(NO_SIGNALS, "a second signal ends a stop that waits", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const port = daemon.record.ports[0] ?? 0;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(
    `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${daemon.token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  ));
  await (await daemon.get("/health")).body?.cancel();
  daemon.process.kill("SIGTERM");
  await daemon.process.stderr.text("stopping");
  // What comes right after the first may be the same one, from a program in between; so it is said until it is heard.
  await until(() => {
    if (isAlive(daemon.process.pid)) daemon.process.kill("SIGINT");
    return !isAlive(daemon.process.pid);
  }, "the end");
  const { code, err } = await daemon.process.ended();
  assert.equal(code, 130);
  assert.match(err, /second signal/);
});

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

/** Makes a certificate for 127.0.0.1 in `folder`. */
async function makeCertificate(folder: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  const args = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  args.push(
    "-subj",
    "/CN=km test",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-keyout",
    key,
    "-out",
    cert,
  );
  const { code } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
  assert.equal(code, 0);
  return { cert, key };
}

testUnless(
  missingProgram("openssl"),
  "--tls-cert and --tls-key serve HTTPS, and nothing to plain HTTP",
  async () => {
    verifies("serve-tls");
    using folder = new TempFolder();
    const { cert, key } = await makeCertificate(folder.path);
    await using daemon = await RunningDaemon.start(["--tls-cert", cert, "--tls-key", key]);
    assert.match(daemon.url, /^https:/);
    using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(cert)] });
    const health = await (await fetch(`${daemon.url}/health`, { client })).json();
    assert.equal(health.status, "ok");

    const connection = await Deno.connect({ hostname: "127.0.0.1", port: daemon.record.ports[0] ?? 0 });
    await connection.write(new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    const heard = new Collected(connection.readable);
    await heard.done;
    assert.ok(!/HTTP|status|version/.test(decode(heard.bytes())), decode(heard.bytes()));
  },
);

testUnless(
  missingProgram("openssl"),
  "a certificate alone, and a key that is none, are refused",
  async () => {
    verifies("serve-tls");
    using folder = new TempFolder();
    const { cert } = await makeCertificate(folder.path);
    const at = { home: folder.path };
    const half = await runKm(["serve", "--port", "0", "--tls-cert", cert], at);
    assert.deepEqual([half.code, /give both/.test(half.err)], [EXIT_CODES.usage, true]);
    const wrong = await runKm(["serve", "--port", "0", "--tls-cert", cert, "--tls-key", cert], at);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.err, /km: hint: .*PEM/);
  },
);

/** A network of one's own, where port 42 is certainly free. Works without root where user namespaces do. */
const NAMESPACE = [
  "unshare",
  "--user",
  "--map-root-user",
  "--net",
  "sh",
  "-c",
  'ip link set lo up && exec "$@"',
  "sh",
];
const NO_NAMESPACE = unlessOs("linux") ?? missingProgram("unshare", "nsenter", "ip", "curl") ??
  (new Deno.Command("unshare", { args: NAMESPACE.slice(1).concat("true"), stdout: "null", stderr: "null" })
      .outputSync().success
    ? null
    : "no network namespaces");

testUnless(
  NO_NAMESPACE,
  "port 42 is served where the system allows it, and curl gets answers there",
  async () => {
    verifies("serve-port-42", "fm-32-port-42");
    using folder = new TempFolder();
    await using process = new Running(["serve"], {
      home: folder.path,
      command: [...NAMESPACE, Deno.execPath(), "run", "-A", "main.ts"],
      cwd: new URL("../../", import.meta.url).pathname,
    });
    await process.stdout.text("km serves http://127.0.0.1:4242\n");
    const curl = async (...args: string[]) => {
      const enter = [
        "--target",
        String(process.pid),
        "--user",
        "--net",
        "--preserve-credentials",
        "curl",
        "-sS",
        ...args,
      ];
      return decode((await new Deno.Command("nsenter", { args: enter, stderr: "inherit" }).output()).stdout);
    };
    assert.equal(JSON.parse(await curl("http://127.0.0.1:42/health")).status, "ok");
    assert.equal(JSON.parse(await curl("http://127.0.0.1:4242/health")).status, "ok");
    const token = Deno.readTextFileSync(`${folder.path}/token`).trim();
    const activity = await curl("-H", `Authorization: Bearer ${token}`, "http://127.0.0.1:42/api/activity");
    assert.deepEqual(JSON.parse(activity).events, []);
    assert.equal(JSON.parse(await curl("http://127.0.0.1:42/api/activity")).error.code, "unauthenticated");
    const { ports } = JSON.parse(Deno.readTextFileSync(`${folder.path}/daemon.json`));
    assert.deepEqual(ports, [4242, 42]);
  },
);

const NO_CAPS = NO_NAMESPACE ?? missingProgram("setpriv");

testUnless(
  NO_CAPS,
  "where port 42 is not allowed, one line says why and how to allow it, and the rest is served",
  async () => {
    verifies("serve-port-42", "fm-32-port-42");
    using folder = new TempFolder();
    await using process = new Running(["serve"], {
      home: folder.path,
      command: [
        ...NAMESPACE,
        "setpriv",
        "--bounding-set=-net_bind_service",
        "--inh-caps=-net_bind_service",
        Deno.execPath(),
        "run",
        "-A",
        "main.ts",
      ],
      cwd: new URL("../../", import.meta.url).pathname,
    });
    await process.stdout.text("km serves http://127.0.0.1:4242\n");
    await process.stderr.text("port 42");
    const about = process.stderr.lines().filter((line) => line.includes("port 42 "));
    assert.equal(about.length, 1);
    assert.match(
      about[0] ?? "",
      /port 42 is not served: .*sysctl net\.ipv4\.ip_unprivileged_port_start=42.*CAP_NET_BIND_SERVICE/,
    );
    assert.deepEqual(JSON.parse(Deno.readTextFileSync(`${folder.path}/daemon.json`)).ports, [4242]);
  },
);
