import assert from "node:assert/strict";
import { testUnless } from "../../tests/skip.ts";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import type { EventRecord, Run } from "../core/event.ts";
import { PluginFeed } from "./plugin_feed.ts";
import { FakeHost, type FakeHostOptions } from "./plugin_feed_host_for_tests.ts";

function event(id: string): EventRecord {
  return {
    id,
    timeUs: 1,
    direction: "client_to_server",
    kind: "request",
    method: "ping",
    tool: null,
    rpcId: "1",
    sizeBytes: 10,
    truncated: false,
    sha256: null,
    format: "json",
    payload: new Uint8Array(10),
    answersId: null,
    durationUs: null,
  };
}

const RUN = { correlationId: "run", server: "s", client: null } as Run; // as: a feed reads nothing else of it

const ON = '{"plugins":[{"name":"a","enabled":true}]}';

function feedIn(home: string, lock: string, printed: string[] = []): PluginFeed {
  Deno.writeTextFileSync(`${home}/plugins.lock`, lock);
  return new PluginFeed({
    places: {
      lockFile: `${home}/plugins.lock`,
      hostAddress: `${home}/plugins/host.json`,
      hostLog: `${home}/plugins/host.log`,
      shedFolder: `${home}/plugins/shed`,
      // One that never comes up.
      hostCommand: [Deno.execPath(), "--version"],
      kmVersion: "1.2.0",
      watched: false,
      color: false,
    },
    isAllowed: () => true,
    redactor: () => null,
    print: (line) => printed.push(new TextDecoder().decode(line)),
  });
}

function leftIn(home: string): unknown[] {
  try {
    const files = [...Deno.readDirSync(`${home}/plugins/shed`)];
    return files.map(({ name }) => JSON.parse(Deno.readTextFileSync(`${home}/plugins/shed/${name}`)));
  } catch {
    return [];
  }
}

Deno.test({
  name: "PluginFeed: what a monitor could hand over to no host is left, counted, for the next one",
  // Its thread ends with the feed: a last look for the host, and the host's process, are nobody's to wait for.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    verifies("plugin-queue");
    using folder = new TempFolder();
    const feed = feedIn(folder.path, ON);
    for (let id = 0; id < 5000; id++) feed.add(event(String(id)), null, RUN);
    await feed.end(0);
    assert.deepEqual(leftIn(folder.path), [{ messages: 5000, bytes: 50_000 }]);
  },
});

Deno.test("PluginFeed: where no plugin is on, nothing is left", async () => {
  using folder = new TempFolder();
  const feed = feedIn(folder.path, '{"plugins":[{"name":"a","enabled":false}]}');
  feed.add(event("1"), null, RUN);
  await feed.end(0);
  assert.deepEqual(leftIn(folder.path), []);
});

Deno.test("PluginFeed: a lock file that cannot be read turns plugins on for nobody", async () => {
  using folder = new TempFolder();
  const feed = feedIn(folder.path, '{"plugins":[');
  feed.add(event("1"), null, RUN);
  await feed.end(0);
  assert.deepEqual([leftIn(folder.path), isThere(`${folder.path}/plugins`)], [[], false]);
});

const unlessUnix = Deno.build.os === "windows" ? "its profile folder keeps others out there" : null;

testUnless(
  unlessUnix,
  "PluginFeed: a lock file that others can write turns plugins on for nobody",
  async () => {
    using folder = new TempFolder();
    const feed = feedIn(folder.path, ON);
    Deno.chmodSync(`${folder.path}/plugins.lock`, 0o666);
    feed.add(event("1"), null, RUN);
    await feed.end(0);
    assert.deepEqual([leftIn(folder.path), isThere(`${folder.path}/plugins`)], [[], false]);
  },
);

async function fakeHost(home: string, options: Omit<FakeHostOptions, "path"> = {}): Promise<FakeHost> {
  Deno.mkdirSync(`${home}/plugins`, { mode: 0o700 });
  return await FakeHost.open({ path: `${home}/plugins/host.json`, ...options });
}

testUnless(unlessUnix, "PluginFeed: what waits is handed over by itself once the host takes it", async () => {
  using folder = new TempFolder();
  await using host = await fakeHost(folder.path, { refuse: 1 });
  const feed = feedIn(folder.path, ON);
  feed.add(event("1"), null, RUN);
  const { events } = await host.first("events");
  assert.deepEqual(events.map(({ id }) => id), ["1"]);
  await feed.end(1000);
});

testUnless(
  unlessUnix,
  "PluginFeed: a host that does not know the token is told nothing and shows nothing",
  async () => {
    using folder = new TempFolder();
    await using host = await fakeHost(folder.path, { isForeign: true, console: "hello\n" });
    const printed: string[] = [];
    const feed = feedIn(folder.path, ON, printed);
    feed.add(event("1"), null, RUN);
    await host.first("hello");
    await feed.end(200);
    assert.deepEqual([host.heard.map(({ type }) => type), printed], [["hello"], []]);
    assert.deepEqual(leftIn(folder.path), [{ messages: 1, bytes: 10 }]);
    assert.equal(JSON.stringify(host.heard).includes("token"), false);
  },
);

for (const [path, mode] of [["plugins/host.json", 0o644], ["plugins", 0o777]] as const) {
  testUnless(unlessUnix, `PluginFeed: a host is not believed where others reach ${path}`, async () => {
    using folder = new TempFolder();
    await using host = await fakeHost(folder.path);
    Deno.chmodSync(`${folder.path}/${path}`, mode);
    const feed = feedIn(folder.path, ON);
    feed.add(event("1"), null, RUN);
    await feed.end(200);
    assert.deepEqual(host.heard, []);
  });
}

testUnless(unlessUnix, "PluginFeed: what a host shows cannot steer the terminal", async () => {
  using folder = new TempFolder();
  await using host = await fakeHost(folder.path, { console: "a: \x1b[2Jgone\u202e\n" });
  const printed: string[] = [];
  const feed = feedIn(folder.path, ON, printed);
  feed.add(event("1"), null, RUN);
  await host.first("events");
  await feed.end(1000);
  assert.deepEqual(printed, ["a: \\e[2Jgone\\u{202e}\n"]);
});

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
