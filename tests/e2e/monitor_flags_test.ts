/** The flags of `km monitor`, the short form, and what km says when it cannot start a server. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { readEvents, runKm, TempFolder } from "./harness.ts";
import { FakeClient } from "../fakes/fake_client.ts";
import { fakeServer, testEachRelay, type Way } from "../fakes/ways.ts";
import { encode, hugeLine, sumOf } from "../fakes/random.ts";

const PING = { jsonrpc: "2.0", id: 1, method: "ping" };

testEachRelay("says nothing of its own, on stdout or stderr", async (way) => {
  verifies("monitor-quiet", "fm-11-nothing-on-stdout");
  await using client = new FakeClient(way, fakeServer("mcp"));
  await client.ask(PING);
  await client.closeStdin();
  assert.equal((await client.readAll()).length, 0);
  await client.finish();
  await client.stderr.done;
  assert.equal(client.stderr.size, 0, new TextDecoder().decode(client.stderr.bytes()));
});

testEachRelay("of a command that is not there: 127, and a hint that names PATH", async (way) => {
  verifies("monitor-command-not-found", "fm-21-command-not-found", "fm-20-gui-path", "repo-errors-form");
  using home = new TempFolder();
  const { code, out, err } = await run(way, home, ["monitor", "--", "no-such-program-at-all"]);
  assert.equal(code, 127);
  assert.equal(out, "");
  assert.match(err, /^km: error: .*"no-such-program-at-all"/);
  assert.match(err, /^km: hint: .*PATH/m);
});

testEachRelay("of a path that is not there: 127", async (way) => {
  verifies("monitor-command-not-found", "fm-21-command-not-found");
  using home = new TempFolder();
  const { code } = await run(way, home, ["monitor", "--", `${home.path}/nothing/here`]);
  assert.equal(code, 127);
});

testEachRelay("of a file that is not executable: 126", async (way) => {
  verifies("monitor-command-not-executable", "fm-21-command-not-found");
  using home = new TempFolder();
  const path = `${home.path}/server`;
  Deno.writeTextFileSync(path, "#!/bin/sh\necho hi\n", { mode: 0o644 });
  const { code, out, err } = await run(way, home, ["monitor", "--", path]);
  assert.equal(code, 126);
  assert.equal(out, "");
  assert.match(err, /^km: error: /);
});

testEachRelay("of a directory: 126", async (way) => {
  verifies("monitor-command-not-executable");
  using home = new TempFolder();
  assert.equal((await run(way, home, ["monitor", "--", home.path])).code, 126);
});

testEachRelay("runs a script without #! as clients do, with sh", async (way) => {
  verifies("monitor-double-dash");
  using home = new TempFolder();
  const path = `${home.path}/server`;
  Deno.writeTextFileSync(path, 'echo "$1"\nexit 4\n', { mode: 0o755 });
  const { code, out } = await run(way, home, ["monitor", "--", path, "hello"]);
  assert.deepEqual([code, out], [4, "hello\n"]);
});

testEachRelay("passes arguments as they are", async (way) => {
  verifies("monitor-double-dash", "monitor-drop-in");
  using home = new TempFolder();
  const odd = ["", " ", "a b", '"', "'", "$HOME", "`x`", "*", "--name", "-h", "--", "größe", "a\nb", "\\"];
  const printer = ["sh", "-c", 'for a in "$@"; do printf "%s\\0" "$a"; done', "sh", ...odd];
  for (const words of [["monitor", "--", ...printer], ["monitor", "--server", "--", ...printer], printer]) {
    const { code, out } = await run(way, home, words);
    assert.deepEqual([code, out.split("\0").slice(0, -1)], [0, odd], words[0] ?? "");
  }
});

testEachRelay("gives the server its own environment and working directory", async (way) => {
  verifies("monitor-double-dash");
  using home = new TempFolder();
  const { out } = await runKm(["monitor", "--", "sh", "-c", 'pwd; printf "%s" "$ODD"'], {
    home: `${home.path}/home`,
    cwd: home.path,
    env: { ...way.env, ODD: "a=b\n'c' ü" },
  });
  assert.equal(out, `${home.path}\na=b\n'c' ü`);
});

testEachRelay("names the server and the run by flag", async (way) => {
  verifies("monitor-name-flag", "monitor-correlation-id");
  const flags = ["--name", "my server", "--correlation-id", "run-7"];
  await using client = new FakeClient(way, fakeServer("mcp"), { flags });
  await client.ask(PING);
  await client.finish();
  const events = await client.events();
  assert.ok(events.length >= 2);
  for (const event of events) {
    assert.deepEqual([event.server, event.correlationId], ["my server", "run-7"]);
  }
});

testEachRelay("gives each run an id of its own", async (way) => {
  verifies("monitor-correlation-id");
  using home = new TempFolder();
  for (let i = 0; i < 2; i++) {
    await run(way, home, ["monitor", "--", "cat"], '{"jsonrpc":"2.0","method":"x"}\n');
  }
  const ids = new Set((await readEvents(homeOf(home))).map(({ correlationId }) => correlationId));
  assert.equal(ids.size, 2);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

testEachRelay("stores no more of a message than --buffer-size, and passes all of it", async (way) => {
  verifies("monitor-buffer-size", "fm-12-large-messages");
  const message = [...hugeLine(300_000)];
  await using client = new FakeClient(way, fakeServer("cat"), { flags: ["--buffer-size", "1KB"] });
  for (const piece of message) await client.send(piece);
  await client.closeStdin();
  assert.deepEqual(await client.sumAll(), sumOf(...message));
  await client.finish();
  const [event] = await client.events("--direction", "server_to_client");
  assert.deepEqual([event?.sizeBytes, event?.truncated], [299_999, true]);
  assert.ok(JSON.stringify(event?.payload).length < 2_000);
  const { out } = await runKm(["show", event?.id ?? "", "--json"], { home: client.home });
  const whole = message.map((piece) => [...piece]).flat().slice(0, -1);
  assert.ok(out.includes(sumOf(Uint8Array.from(whole)).sha256), "the SHA-256 of the whole message");
});

testEachRelay("stores nothing with --no-record", async (way) => {
  verifies("monitor-no-record");
  using home = new TempFolder();
  const { code, out } = await run(way, home, ["monitor", "--no-record", "--", "cat"], "hello\n");
  assert.deepEqual([code, out], [0, "hello\n"]);
  assert.throws(() => Deno.statSync(`${homeOf(home)}/km.db`), Deno.errors.NotFound);
});

testEachRelay(
  "shows one JSON event a line on stderr with --output json, and stdout stays the server's",
  async (way) => {
    verifies("monitor-output-json", "monitor-quiet");
    await using client = new FakeClient(way, fakeServer("mcp"), { flags: ["--output", "json"] });
    await client.ask(PING);
    await client.closeStdin();
    assert.equal((await client.readAll()).length, 0);
    await client.finish();
    await client.stderr.done;
    const shown = client.stderr.lines().map((line) => JSON.parse(line));
    const kinds = shown.map(({ kind }) => kind);
    for (const kind of ["request", "response"]) assert.ok(kinds.includes(kind), `${kinds}`);
  },
);

testEachRelay(
  "shows a readable line a message on stderr with --output console, without colours",
  async (way) => {
    verifies("monitor-output-console", "monitor-quiet");
    await using client = new FakeClient(way, fakeServer("mcp"), { flags: ["--output", "console"] });
    await client.ask(PING);
    await client.finish();
    await client.stderr.done;
    const shown = new TextDecoder().decode(client.stderr.bytes());
    assert.match(shown, /ping/);
    assert.ok(!shown.includes("\x1b"), "no colours where stderr is no terminal");
  },
);

for (const mode of ["console", "json"]) {
  testEachRelay(
    `records all and ends at once with --output ${mode} when nobody reads stderr`,
    async (way) => {
      verifies("monitor-output-console", "monitor-output-json", "recorder-flush-on-exit");
      const messages = 1_500;
      // The reading end is held by km itself, so that it is never closed.
      const shell = 'fifo="$KM_HOME.fifo"; mkfifo "$fifo"; exec 3<>"$fifo"; exec "$@" 2>&3';
      await using client = new FakeClient(way, fakeServer("cat"), { flags: ["--output", mode], shell });
      const line = JSON.stringify({ ...PING, id: undefined, params: { pad: "x".repeat(1_000) } }) + "\n";
      const sent = client.sendAll(encode(line.repeat(messages)));
      await client.sumAll();
      await sent;
      const startMs = performance.now();
      await client.finish();
      assert.ok(performance.now() - startMs < 3_000, "the exit does not wait for a reader");
      const events = await client.events("--direction", "server_to_client", "--limit", String(2 * messages));
      assert.equal(events.length, messages);
      assert.ok(events.every(({ kind }) => kind !== "gap"));
    },
  );
}

testEachRelay("refuses a size that is none, and says which sizes it takes", async (way) => {
  verifies("monitor-sizes");
  using home = new TempFolder();
  for (const size of ["512KB", "2MB", "1MiB", "4096"]) {
    assert.equal((await run(way, home, ["monitor", "--buffer-size", size, "--", "true"])).code, 0, size);
  }
  for (const size of ["2 bananas", "MB", "-1", "1e9", "NaN", ""]) {
    const { code, err } = await run(way, home, ["monitor", "--buffer-size", size, "--", "true"]);
    assert.equal(code, 2, size);
    assert.match(err, /^km: error: .*buffer-size/);
  }
});

testEachRelay("without a command: a clear error", async (way) => {
  verifies("repo-errors-form", "monitor-double-dash");
  using home = new TempFolder();
  const { code, out, err } = await run(way, home, ["monitor", "--"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^km: error: .*\nkm: hint: /);
});

testEachRelay("suggests the command that was meant", async (way) => {
  verifies("monitor-did-you-mean");
  using home = new TempFolder();
  const { code, out, err } = await run(way, home, ["moniter", "--", "cat"]);
  assert.notEqual(code, 0);
  assert.equal(out, "");
  assert.match(err, /did you mean.*monitor/is);
});

async function run(
  way: Way,
  home: TempFolder,
  args: readonly string[],
  stdin = "",
): ReturnType<typeof runKm> {
  return await runKm(args, { home: homeOf(home), env: way.env, stdin: encode(stdin) });
}

function homeOf(folder: TempFolder): string {
  return `${folder.path}/home`;
}
