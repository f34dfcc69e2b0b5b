import assert from "node:assert/strict";
import { KmError } from "../../core/error.ts";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { verifies } from "../../../tests/verifies.ts";
import { testManifest } from "../../../tests/fakes/plugin_packages.ts";
import { DEFAULT_LIMITS } from "../manifest.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";
import { FakeTimers } from "./fake_timers.ts";
import { LogFile } from "./log_file.ts";
import { PluginRunner } from "./plugin_runner.ts";
import type { PreparedPlugin } from "./prepared_plugin.ts";
import type { OfferedMessage } from "./scope.ts";
import { type Answer, FakeSandbox, handleAll, polite } from "./session_for_tests.ts";
import { StateFile } from "./state_file.ts";

const PREPARED: PreparedPlugin = {
  manifest: { ...testManifest({ version: "1.0.0" }), files: {} },
  code: new Uint8Array(),
  scope: {
    servers: ["*"],
    methods: ["*"],
    directions: ["client_to_server", "server_to_client"],
    payload: "redacted",
  },
  permissions: NO_PERMISSIONS,
  limits: { ...DEFAULT_LIMITS, messageMs: 100, queueMessages: 50, logBytesPerMinute: 1000 },
  env: {},
  configJson: "{}",
  authMemory: null,
  licence: { tier: "free", customerId: null, expiresAtS: null },
  deno: "/deno",
  niceness: 0,
};

class Bench implements Disposable {
  readonly timers = new FakeTimers();
  readonly folder = new TempFolder();
  readonly processes: FakeSandbox[] = [];
  readonly shown: string[] = [];
  readonly runner: PluginRunner;
  refusal: KmError | null = null;
  expires: string | null = null;
  /** What it answers to its configuration; null: that it is well. */
  configured: Parameters<FakeSandbox["say"]>[1] | null = null;
  answer: Answer;

  constructor(answer: Answer = handleAll) {
    this.answer = answer;
    const { timers, folder } = this;
    this.runner = new PluginRunner({
      name: "quiet",
      version: "1.0.0",
      prepare: () =>
        this.refusal === null
          ? Promise.resolve({ ...PREPARED, manifest: { ...PREPARED.manifest, expires: this.expires } })
          : Promise.reject(this.refusal),
      launch: (options) => {
        const answer = polite((frame, plugin) => this.answer(frame, plugin));
        const process = new FakeSandbox(options, (frame, plugin) => {
          if (frame.body.case !== "configure" || this.configured === null) return answer(frame, plugin);
          plugin.say(frame.id, this.configured);
        });
        this.processes.push(process);
        return Promise.resolve(process);
      },
      runtime: folder.path,
      kmVersion: "1.2.3",
      timers,
      log: (bytesPerMinute) =>
        new LogFile({ path: `${folder.path}/quiet.jsonl`, bytesPerMinute, nowMs: () => timers.wallMs() }),
      state: (onProblem) => new StateFile(`${folder.path}/quiet.json`, onProblem, timers),
      redact: (text) => text,
      emit: () => true,
      show: (lines) => this.shown.push(lines(true)),
      changed: () => {},
    });
  }

  offer(count: number): void {
    for (let id = 0; id < count; id++) this.runner.offer(message(String(id)));
  }

  log(): string {
    return Deno.readTextFileSync(`${this.folder.path}/quiet.jsonl`);
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

function message(id: string): OfferedMessage {
  return {
    event: {
      id,
      timeUs: 1,
      direction: "client_to_server",
      kind: "request",
      method: "ping",
      tool: null,
      rpcId: null,
      sizeBytes: 10,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
    },
    correlationId: "run",
    server: "s",
    client: null,
    redacted: new Uint8Array(10),
    raw: null,
  };
}

Deno.test("PluginRunner: a few messages wait 5 ms for others, 32 do not wait", async () => {
  verifies("plugin-queue");
  using bench = new Bench();
  await bench.runner.start();
  bench.offer(3);
  await bench.timers.pass(4);
  assert.equal(bench.runner.status.counts.messages, 0);
  await bench.timers.pass(1);
  assert.deepEqual([bench.runner.status.counts.messages, bench.runner.status.counts.batches], [3, 1]);
  bench.offer(32);
  await bench.timers.pass(0);
  assert.deepEqual([bench.runner.status.counts.messages, bench.runner.status.counts.batches], [35, 2]);
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: while a batch is handled the queue fills, drops the oldest, counts them, and tells the plugin", async () => {
  verifies("plugin-queue");
  using bench = new Bench(() => {});
  await bench.runner.start();
  bench.offer(32);
  await bench.timers.pass(0);
  bench.offer(80);
  const { counts, queue } = bench.runner.status;
  assert.deepEqual([counts.droppedMessages, queue.messages], [30, 50]);
  bench.answer = handleAll;
  const process = bench.processes[0];
  process?.say(process.frames.at(-1)?.id ?? 0, { case: "handled", value: { messages: 32 } });
  await bench.timers.pass(5);
  const next = process?.frames.filter(({ body }) => body.case === "handleMessages")[1]?.body;
  assert.equal(next?.case === "handleMessages" && next.value.droppedMessages, 30n);
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: it is restarted after 1, 2, 4 and 8 s, and off after the fifth end; each time the state says why", async () => {
  verifies("plugin-restart-backoff", "plugin-limits");
  using bench = new Bench();
  await bench.runner.start();
  for (const delayS of [1, 2, 4, 8]) {
    bench.processes.at(-1)?.kill("limit", "it took 300 MiB of memory, and may take 192 MiB");
    const { state, reason, retryAt } = bench.runner.status;
    assert.deepEqual([state, reason], ["waiting", "it took 300 MiB of memory, and may take 192 MiB"]);
    assert.equal(Date.parse(retryAt ?? "") - bench.timers.wallMs(), delayS * 1000);
    await bench.timers.pass(delayS * 1000 - 1);
    assert.equal(bench.runner.status.state, "waiting");
    await bench.timers.pass(1);
    assert.equal(bench.runner.status.state, "running");
  }
  bench.processes.at(-1)?.kill("limit", "it flooded km");
  const { state, reason, counts } = bench.runner.status;
  assert.equal(state, "off");
  assert.match(
    reason ?? "",
    /ended 5 times within 10 minutes.*it flooded km; to try again: km plugins enable quiet$/,
  );
  assert.deepEqual([counts.starts, counts.crashes], [5, 5]);
  await bench.timers.pass(3_600_000);
  assert.equal(bench.processes.length, 5);
  bench.offer(10);
  assert.equal(bench.runner.status.queue.messages, 0);
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: what a process was given when it ended is lost and counted; what waits is not", async () => {
  verifies("plugin-crash-loss");
  using bench = new Bench(() => {});
  await bench.runner.start();
  bench.offer(40);
  await bench.timers.pass(5);
  bench.answer = handleAll;
  bench.processes[0]?.crash("exit code 1");
  assert.equal(bench.runner.status.counts.lostMessages, 32);
  await bench.timers.pass(1_010);
  assert.deepEqual([bench.runner.status.counts.messages, bench.runner.status.counts.lostMessages], [8, 32]);
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: what may not run is refused with its reason, and looked at again", async () => {
  verifies("plugin-graceful");
  using bench = new Bench();
  bench.refusal = new KmError("not_granted", "It needs a pro licence");
  await bench.runner.start();
  assert.deepEqual([bench.runner.status.state, bench.runner.status.reason], [
    "refused",
    "It needs a pro licence",
  ]);
  bench.refusal = null;
  await bench.timers.pass(60_000);
  assert.equal(bench.runner.status.state, "running");
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: a thousand tries of one kind hide no other, neither in the log nor in the status", async () => {
  verifies("plugin-refusals-shown");
  using bench = new Bench((frame, plugin) => {
    const tryIt = (what: string, value: string) => plugin.say(0, { case: "refused", value: { what, value } });
    if (frame.body.case === "handleMessages") {
      for (let i = 0; i < 1000; i++) tryIt("env", `JUNK${i}`);
      tryIt("read", "/etc/shadow");
    }
    handleAll(frame, plugin);
  });
  await bench.runner.start();
  bench.offer(1);
  await bench.timers.pass(5);
  const { refused, refusedOthersByKind } = bench.runner.status;
  assert.ok(refused.some(({ value }) => value === "/etc/shadow"));
  assert.deepEqual(refusedOthersByKind, { env: 950 });
  await bench.runner.stop("done");
  assert.match(bench.log(), /refused: read \/etc\/shadow/);
  assert.match(bench.log(), /980 lines were left out, about: refusal of env/);
  assert.ok(bench.log().split("\n").length < 40);
});

Deno.test("PluginRunner: a release that expires while it runs runs no longer", async () => {
  verifies("plugin-graceful");
  using bench = new Bench();
  bench.expires = new Date(bench.timers.wallMs() + 3_600_000).toISOString();
  await bench.runner.start();
  await bench.timers.pass(3_599_000);
  bench.runner.tick();
  assert.equal(bench.runner.status.state, "running");
  bench.refusal = new KmError("not_trusted", "It expired");
  await bench.timers.pass(1_000);
  bench.runner.tick();
  await bench.timers.pass(0);
  const { state, reason, pid } = bench.runner.status;
  assert.deepEqual([state, pid], ["refused", null]);
  assert.match(reason ?? "", /it expired on .* the clock here says/);
  await bench.timers.pass(60_000);
  assert.deepEqual([bench.runner.status.reason, bench.processes.length], ["It expired", 1]);
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: lines beyond a minute's are cut and counted; many times as many end it", async () => {
  verifies("plugin-limits", "abuse-flood");
  using bench = new Bench((frame, plugin) => {
    for (let line = 0; line < 8; line++) {
      plugin.say(0, {
        case: "log",
        value: { level: 2, text: "x".repeat(200), console: "\x1b[31mred\x1b[0m\x07" },
      });
    }
    handleAll(frame, plugin);
  });
  await bench.runner.start();
  bench.offer(1);
  await bench.timers.pass(5);
  const { logLines, logLinesCut } = bench.runner.status.counts;
  assert.equal(logLines + logLinesCut, 8);
  assert.ok(logLines > 0 && logLinesCut > 0);
  assert.equal(bench.shown[0], "quiet: \x1b[31mred\x1b[0m\\u{7}\x1b[0m\n");
  await bench.timers.pass(60_000);
  bench.runner.tick();
  assert.match(bench.log(), /lines were cut/);
  for (let more = 0; more < 10; more++) {
    bench.offer(1);
    await bench.timers.pass(5);
  }
  assert.match(bench.runner.status.reason ?? "", /logged more than 8 times/);
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: what a plugin keeps is there again after a restart", async () => {
  using bench = new Bench((frame, plugin) => {
    plugin.say(0, { case: "setState", value: { key: "seen", valueJson: "7" } });
    handleAll(frame, plugin);
  });
  await bench.runner.start();
  bench.offer(1);
  await bench.timers.pass(5);
  bench.processes[0]?.crash("exit code 1");
  await bench.timers.pass(1_000);
  const configure = bench.processes[1]?.frames[2]?.body;
  assert.equal(configure?.case === "configure" && configure.value.state[0]?.valueJson, "7");
  await bench.runner.stop("done");
});

Deno.test("PluginRunner: a configuration that the plugin does not accept is a refusal with its reason, and no crash", async () => {
  verifies("plugin-graceful");
  using bench = new Bench();
  const misfit = "limit is 0, and must be 1 or more";
  bench.configured = { case: "failed", value: { code: "bad_config", message: misfit } };
  await bench.runner.start();
  const { state, reason, counts } = bench.runner.status;
  assert.deepEqual([state, reason, counts.crashes], [
    "refused",
    `The configuration of plugin "quiet" is wrong: ${misfit}`,
    0,
  ]);
  bench.configured = null;
  await bench.timers.pass(60_000);
  assert.equal(bench.runner.status.state, "running");
  await bench.runner.stop("done");
});
