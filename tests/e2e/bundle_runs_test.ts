/** A bundle at work, as every built file carries one: with an empty cache, without the network, and without what is beside it. @module */
import assert from "node:assert/strict";
import { commandNames } from "../../src/cli/commands.ts";
import { TestBundle } from "../bundle.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { readEvents, ROOT, runKm, TempFolder } from "./harness.ts";
import { makeEvents, sendEvents } from "./ingest.ts";

Deno.test("every command of a bundle loads: its help is that of the checkout", async () => {
  verifies("build-graph-complete");
  using bundle = await TestBundle.make();
  using home = new TempFolder();
  const { command, env } = bundle;
  for (const name of commandNames()) {
    const built = await runKm([name, "--help"], { home: home.path, command, env });
    assert.deepEqual([built.code, built.err], [0, ""], name);
    const source = await runKm([name, "--help"], { home: home.path });
    assert.equal(built.out, source.out, name);
  }
  const { out } = await runKm(["--version"], { home: home.path, command, env });
  assert.equal(out, "km 1.2.3\n");
});

Deno.test("a bundle records, reads, edits its config and finds its descriptors", async () => {
  verifies("build-graph-complete");
  using bundle = await TestBundle.make();
  using home = new TempFolder();
  const options = { home: home.path, command: bundle.command, env: bundle.env };
  const demo = await runKm(["demo", "--home", home.path], options);
  assert.deepEqual([demo.code, demo.err], [0, ""]);
  assert.match(demo.out, /build_index/);
  const set = await runKm(["config", "set", "retention.maxBytes", "200MB"], options);
  assert.deepEqual([set.code, set.err], [0, ""]);
  assert.match(await Deno.readTextFile(`${home.path}/config.jsonc`), /200MB/);
  for (const reader of [["events"], ["calls"], ["stats"], ["export", "--format", "har"], ["doctor"]]) {
    const { code, err } = await runKm(reader, options);
    assert.deepEqual([code, err], [0, ""], reader.join(" "));
  }
  const relayed = await runKm(["monitor", "--", "cat"], { ...options, stdin: "{}\n" });
  assert.deepEqual([relayed.code, relayed.out, relayed.err], [0, "{}\n", ""]);
  assert.ok((await readEvents(home.path)).length > 0);
});

Deno.test("a bundle serves: pages, contract, metrics, and takes events", async () => {
  verifies("build-graph-complete");
  using bundle = await TestBundle.make();
  await using daemon = await RunningDaemon.start([], { command: bundle.command, env: bundle.env });
  for (
    const path of [
      "/",
      "/docs",
      "/assets/app.js",
      "/assets/app.css",
      "/assets/terminal.js",
      "/assets/terminal.css",
      "/assets/icon.svg",
      "/api/openapi.json",
      "/metrics",
    ]
  ) {
    const response = await daemon.get(path);
    assert.equal(response.status, 200, path);
    const body = await response.text();
    if (path === "/assets/app.js") {
      assert.equal(body, await Deno.readTextFile(`${ROOT}src/api/static/app.js`));
    }
    if (path === "/metrics" && Deno.build.os === "linux") assert.match(body, /^process_open_fds \d+$/m);
  }
  const sent = await sendEvents(daemon, makeEvents(3));
  assert.deepEqual([sent.status, sent.body.accepted], [202, 3]);
  assert.equal((await readEvents(daemon.home)).length, 3);
});
