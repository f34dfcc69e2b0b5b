import assert from "node:assert/strict";
import { TempFolder, until } from "../../../tests/e2e/harness.ts";
import { testManifest } from "../../../tests/fakes/plugin_packages.ts";
import { verifies } from "../../../tests/verifies.ts";
import type { PluginEmit } from "../../core/plugin.ts";
import { LINK_VERSION, type Want } from "../../core/plugin_link.ts";
import { createRedactor } from "../../core/redact.ts";
import { DEFAULT_LIMITS, type Payload } from "../manifest.ts";
import { pluginPaths } from "../paths.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";
import type { InstalledPlugin } from "../trust/plugins_lock.ts";
import { EMPTY_LOCK } from "../trust/plugins_lock.ts";
import { PluginHost } from "./host.ts";
import { TestLink } from "./link_for_tests.ts";
import type { HostLicence } from "./prepare_plugin.ts";
import { type Answer, FakeSandbox, handleAll, polite } from "./session_for_tests.ts";
import { readHostStatus } from "./status.ts";
import { SYSTEM_TIMERS } from "./timers.ts";

const FREE: HostLicence = { tier: "free", plugins: null, customerId: null, expiresAtS: null, reason: null };

function installed(name: string, payload: Payload, servers = ["*"]): InstalledPlugin {
  return {
    name,
    publisher: "Acme",
    version: "1.0.0",
    manifestSha256: "0".repeat(64),
    files: {},
    keyId: "0".repeat(64),
    releaseSequence: 1,
    source: "test",
    installedAt: "2026-11-21T00:00:00Z",
    grants: {
      net: [],
      read: [],
      write: [],
      env: [],
      data: { servers, methods: ["*"], directions: ["client_to_server", "server_to_client"], payload },
    },
    enabled: true,
    disabledBecause: null,
    waiting: null,
  };
}

/** A host with plugins that the test plays. */
class TestHost implements AsyncDisposable {
  readonly folder: TempFolder;
  readonly paths;
  readonly emits: PluginEmit[] = [];
  readonly host: PluginHost;
  readonly ran: Promise<void>;
  answer: Answer = handleAll;

  constructor(
    plugins: readonly InstalledPlugin[],
    { lingerMs = 60_000, deep = "", ready = Promise.resolve() } = {},
  ) {
    this.folder = new TempFolder();
    this.paths = pluginPaths(`${this.folder.path}/${deep}`);
    Deno.mkdirSync(this.paths.folder, { recursive: true });
    this.host = new PluginHost({
      paths: this.paths,
      kmVersion: "1.2.0",
      isReplaced: () => this.isReplaced,
      timers: SYSTEM_TIMERS,
      lingerMs: () => lingerMs,
      isAllowed: () => true,
      readLock: () => ({ ...EMPTY_LOCK, plugins }),
      prepare: (plugin) =>
        ready.then(() => ({
          manifest: { ...testManifest({ name: plugin.name, version: "1.0.0" }), files: {} },
          code: new Uint8Array(),
          scope: plugin.grants.data,
          permissions: NO_PERMISSIONS,
          limits: DEFAULT_LIMITS,
          env: {},
          configJson: "{}",
          authMemory: null,
          licence: FREE,
          deno: "/deno",
          niceness: 0,
        })),
      launch: (options) => {
        const name = plugins[this.#launched++ % plugins.length]?.name ?? "";
        return Promise.resolve(
          new FakeSandbox(options, polite((frame, plugin) => this.answer(frame, plugin), name)),
        );
      },
      licence: { now: () => FREE, onChange: () => {} },
      deno: () => ({ deno: null, problem: null }),
      redact: (text) => createRedactor(["hunter2-hunter2"]).text(text),
      onUp: () => this.up.push(TestLink.isThere(this.paths.hostAddress)),
      storeEmits: (emits) => void this.emits.push(...emits),
    });
    this.ran = this.host.run();
  }
  #launched = 0;
  /** Whether it listened when it was up; once. */
  readonly up: boolean[] = [];
  isReplaced = false;

  async link(
    server = "files",
    hello: { readonly kmVersion?: string; readonly link?: number; readonly watched?: boolean } = {},
  ): Promise<TestLink> {
    await until(() => TestLink.isThere(this.paths.hostAddress), "the host to listen");
    return await TestLink.open(this.paths.hostAddress, server, hello);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.host.end("the test is over");
    await this.ran;
    this.folder[Symbol.dispose]();
  }
}

const NOTHING: Want = { events: false, redacted: false, raw: false, payloadBytes: 0 };

Deno.test("PluginHost: tells each monitor what the plugins want of its server, raw bytes only when they were granted", async () => {
  verifies("plugin-data-scope");
  await using host = new TestHost([
    installed("one", "none", ["files"]),
    installed("two", "redacted", ["git*"]),
    installed("three", "full", ["secret"]),
  ]);
  const wants = async (server: string) => {
    using link = await host.link(server);
    return await link.want();
  };
  const { payloadBytes } = DEFAULT_LIMITS;
  assert.deepEqual(await wants("files"), { events: true, redacted: false, raw: false, payloadBytes });
  assert.deepEqual(await wants("github"), { events: true, redacted: true, raw: false, payloadBytes });
  assert.deepEqual(await wants("secret"), { events: true, redacted: true, raw: true, payloadBytes });
  assert.deepEqual(await wants("other"), NOTHING);
});

Deno.test("PluginHost: messages go in, what plugins find comes out with the server it was seen on; status.json tells", async () => {
  verifies("plugin-handshake");
  await using host = new TestHost([installed("one", "redacted")]);
  host.answer = (frame, plugin) => {
    if (frame.body.case === "handleMessages") {
      for (const { event } of frame.body.value.messages) {
        const value = { key: "k", severity: 2, title: "look" };
        plugin.say(0, {
          case: "emit",
          value: { eventId: event?.id ?? "", what: { case: "finding", value } },
        });
      }
      const made = { key: "k", severity: 2, title: "made up", server: "nobody's" };
      plugin.say(0, { case: "emit", value: { what: { case: "finding", value: made } } });
    }
    handleAll(frame, plugin);
  };
  using link = await host.link("files");
  await link.want();
  link.send([{ id: "e1" }, { id: "e2" }], { shed: 3 });
  await until(() => host.emits.length >= 3, "the findings");
  assert.deepEqual(host.emits.map(({ plugin, server, eventId }) => [plugin, server, eventId]), [
    ["one", "files", "e1"],
    ["one", "files", "e2"],
    ["one", "nobody's", null],
  ]);
  await until(() => readHostStatus(host.paths.hostStatus)?.plugins[0]?.counts.messages === 2, "the status");
  const status = readHostStatus(host.paths.hostStatus);
  assert.deepEqual([status?.monitors, status?.shedMessages, status?.shedBytes], [1, 3, 30]);
});

Deno.test("PluginHost: console lines go to monitors that a person watches, and to no other", async () => {
  await using host = new TestHost([installed("one", "redacted")]);
  host.answer = (frame, plugin) => {
    if (frame.body.case === "handleMessages") {
      plugin.say(0, { case: "log", value: { level: 2, text: "seen", console: "\x1b[32mseen\x1b[0m" } });
    }
    handleAll(frame, plugin);
  };
  using watched = await host.link("a", { watched: true });
  using other = await host.link("b");
  await Promise.all([watched.want(), other.want()]);
  other.send([{ id: "e1" }]);
  await until(() => watched.console !== "", "the line");
  assert.equal(watched.console, "one: seen\n");
  assert.equal(other.console, "");
});

Deno.test("PluginHost: secrets in what a plugin gives back are neither stored, nor logged, nor shown", async () => {
  verifies("plugin-data-scope");
  await using host = new TestHost([installed("one", "full")]);
  const secrets = ["ghp_abcdefghijklmnopqrstuvwxyz0123456789", "hunter2-hunter2"];
  const said = `it said ${secrets.join(" and ")} there`;
  host.answer = (frame, plugin) => {
    if (frame.body.case === "handleMessages") {
      const finding = { key: "k", severity: 2, title: said, detail: said } as const;
      plugin.say(0, { case: "emit", value: { what: { case: "finding", value: finding } } });
      plugin.say(0, {
        case: "emit",
        value: { eventId: "e1", what: { case: "annotation", value: { key: "k", value: said } } },
      });
      plugin.say(0, {
        case: "log",
        value: { level: 2, text: said, console: said.replaceAll(/it|ghp/g, "\x1b[32m$&") },
      });
      plugin.say(frame.id, {
        case: "handled",
        value: { messages: 1, failed: 1, firstError: said },
      });
    } else handleAll(frame, plugin);
  };
  using watched = await host.link("files", { watched: true });
  await watched.want();
  watched.send([{ id: "e1" }]);
  await until(() => host.emits.length === 2 && watched.console !== "", "what it gives back");
  const log = () => Deno.readTextFileSync(`${host.paths.logs}/one.jsonl`);
  await until(() => log().includes("messages failed"), "its failure");
  const kept = JSON.stringify(host.emits) + log() + watched.console;
  for (const secret of secrets) assert.equal(kept.includes(secret), false, kept);
  assert.equal(kept.match(/it said/g)?.length, 7, kept);
});

Deno.test.each(
  [
    ["a newer protocol", { link: LINK_VERSION + 1, kmVersion: "1.2.0" }],
    ["a newer km after an update in place", { kmVersion: "1.3.0" }],
  ] as const,
)("PluginHost: it ends for %s, whose km starts the next one; others wait", async (_, hello) => {
  await using host = new TestHost([installed("one", "redacted")]);
  using older = await host.link("a", { kmVersion: "1.1.9", link: LINK_VERSION - 1 });
  await older.want();
  using newer = await host.link("a", { kmVersion: "1.3.0" });
  assert.equal((await newer.want()).events, true, "another installation that speaks the same protocol");
  host.isReplaced = true;
  using next = await host.link("a", hello);
  await host.ran;
  assert.deepEqual([await older.bye(), await newer.bye(), await next.bye()], [false, false, true]);
  assert.equal(TestLink.isThere(host.paths.hostAddress), false);
  assert.notEqual(readHostStatus(host.paths.hostStatus)?.endedAt, null);
});

Deno.test("PluginHost: it is up, once, when it listens and no plugin starts any more", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using host = new TestHost([installed("one", "redacted"), installed("two", "redacted")], {
    ready: promise,
  });
  using link = await host.link("a");
  assert.deepEqual(host.up, []);
  resolve();
  await link.want();
  await until(() => host.up.length > 0, "the host to be up");
  using _ = await host.link("a");
  assert.deepEqual(host.up, [true]);
});

Deno.test("PluginHost: who does not know the token, or speaks no frames, is cut off", async () => {
  await using host = new TestHost([installed("one", "redacted")]);
  using link = await host.link("a");
  await link.want();
  await assert.rejects(
    TestLink.open(host.paths.hostAddress, "a", {}, "0".repeat(64)).then((other) => other.want()),
  );
  if (Deno.build.os !== "windows") assert.equal(Deno.statSync(host.paths.hostAddress).mode, 0o100600);
  link.raw(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 1]));
  await assert.rejects(link.bye());
});

Deno.test("PluginHost: it ends by itself when no monitor is left, and when none came", async () => {
  await using host = new TestHost([installed("one", "redacted")], { lingerMs: 50 });
  await host.ran;
  await using another = new TestHost([installed("one", "redacted")], { lingerMs: 50 });
  {
    using link = await another.link("a");
    await link.want();
  }
  await another.ran;
});

Deno.test("PluginHost: what monitors left that ended without a host is counted, once", async () => {
  verifies("plugin-queue");
  await using host = new TestHost([installed("one", "redacted")]);
  const leave = (name: string, text: string) => {
    Deno.mkdirSync(host.paths.shed, { recursive: true });
    Deno.writeTextFileSync(`${host.paths.shed}/${name}`, text);
  };
  leave("a.json", '{"messages":7,"bytes":70}');
  leave("b.json", '{"messages":-1,"bytes":"x"}');
  leave("c.json", "half");
  using link = await host.link("a");
  await link.want();
  await until(() => readHostStatus(host.paths.hostStatus)?.shedMessages === 7, "the status");
  leave("d.json", '{"messages":2,"bytes":20}');
  await until(() => readHostStatus(host.paths.hostStatus)?.shedMessages === 9, "the next one");
  assert.equal(readHostStatus(host.paths.hostStatus)?.shedBytes, 90);
  assert.deepEqual([...Deno.readDirSync(host.paths.shed)], []);
});

Deno.test("PluginHost: a plugin that is enabled again is started anew, whatever became of it", async () => {
  verifies("plugin-restart-backoff");
  const plugins = [installed("one", "redacted")];
  await using host = new TestHost(plugins);
  using link = await host.link("a");
  await link.want();
  link.send([{ id: "e1" }]);
  const messages = () => readHostStatus(host.paths.hostStatus)?.plugins[0]?.counts.messages;
  await until(() => messages() === 1, "the message");
  plugins[0] = { ...installed("one", "redacted"), enabledAt: "2026-11-21T01:00:00.000Z" };
  Deno.writeTextFileSync(host.paths.lockFile, "{}");
  await until(() => readHostStatus(host.paths.hostStatus)?.plugins[0]?.counts.starts === 2, "another start");
  assert.equal(messages(), 1, "what was counted before counts");
});

Deno.test("PluginHost: a home of any length has a socket", async () => {
  await using host = new TestHost([installed("one", "redacted")], { deep: "a".repeat(120) });
  using link = await host.link("a");
  assert.equal((await link.want()).events, true);
});

Deno.test("PluginHost: a monitor is told what is done with, and at the end no more than that", async () => {
  verifies("plugin-queue");
  await using host = new TestHost([installed("one", "redacted")]);
  let isStuck = false;
  host.answer = (frame, plugin) => {
    if (frame.body.case !== "handleMessages" || !isStuck) handleAll(frame, plugin);
  };
  using link = await host.link("a");
  await link.want();
  link.send(Array.from({ length: 40 }, (_, at) => ({ id: `e${at}` })), { shed: 5 });
  await until(() => link.done === 45, () => `45 messages; ${link.done} are done with`);
  isStuck = true;
  link.send(Array.from({ length: 40 }, (_, at) => ({ id: `f${at}` })));
  await until(
    () => readHostStatus(host.paths.hostStatus)?.plugins[0]?.queue.messages === 8,
    "a batch in the plugin's hands",
  );
  host.host.end("the test ends it");
  assert.equal(await link.bye(), false);
  await host.ran;
  assert.equal(link.done, 45);
  const counts = readHostStatus(host.paths.hostStatus)?.plugins[0]?.counts;
  assert.deepEqual([counts?.messages, counts?.lostMessages, counts?.droppedMessages], [40, 32, 8]);
});

Deno.test("PluginHost: an address or a socket that is deleted is there again, and nobody is cut off", async () => {
  await using host = new TestHost([installed("one", "redacted")]);
  using before = await host.link("a");
  await before.want();
  const { address } = JSON.parse(Deno.readTextFileSync(host.paths.hostAddress));
  const paths = Deno.build.os === "windows" ? [host.paths.hostAddress] : [host.paths.hostAddress, address];
  for (const path of paths) {
    Deno.removeSync(path);
    await until(async () => await Deno.lstat(path).then(() => true, () => false), path);
    using link = await host.link("b");
    await link.want();
  }
  before.send([{ id: "e1" }]);
  await until(() => before.done === 1, "a message of who was connected all the time");
});
