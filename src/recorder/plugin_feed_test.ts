import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import type { EventRecord, Run } from "../core/event.ts";
import { PluginFeed } from "./plugin_feed.ts";

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

function feedIn(home: string, lock: string): PluginFeed {
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
    print: () => {},
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
    const feed = feedIn(folder.path, '{"plugins":[{"name":"a","enabled":true}]}');
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
