/** What plugins gave back, where a user sees it: `km show`, the dashboard; and how it is deleted. @module */
import assert from "node:assert/strict";
import { IdMaker } from "../../src/core/id.ts";
import { openDatabase } from "../../src/store/database.ts";
import { EventWriter } from "../../src/store/event_writer.ts";
import { appendPluginEmits, PLUGIN_TABLES } from "../../src/store/plugin_emits.ts";
import { makeCall, makeRun } from "../../src/store/testing.ts";
import { verifies } from "../verifies.ts";
import { keepScreenshot } from "./browser.ts";
import { RunningDaemon } from "./daemon.ts";
import { Dashboard, settled, testDashboard } from "./dashboard.ts";
import { runKm, TempFolder } from "./harness.ts";

/** What a hostile plugin might say: a terminal's title, a name backwards, markup. */
const HOSTILE = "\x1b]0;owned\x07 <img src=x onerror=alert(1)> \u202egnp";
const SHOWN = "\\e]0;owned\\u{7} <img src=x onerror=alert(1)> \\u{202e}gnp";

/** A home with one call, on which a plugin left a note, and a finding of that plugin. Returns the request's id. */
function recordEmits(home: string): string {
  using db = openDatabase(`${home}/km.db`, { mode: "write" });
  const nowUs = Date.now() * 1000;
  const { request, batch } = makeCall(nowUs);
  const run = makeRun({ startedUs: nowUs });
  new EventWriter(db).append({ run, events: [], calls: [], tools: [], ...batch });
  const ids = new IdMaker();
  const base = () => ({
    id: ids.next(nowUs),
    timeUs: nowUs,
    plugin: "tool-guard",
    pluginVersion: "1.0.0",
    server: "files",
    eventId: request.id,
  });
  appendPluginEmits(db, [
    { type: "annotation", ...base(), key: "verdict", value: `line 1\n${HOSTILE}` },
    {
      type: "finding",
      ...base(),
      key: "k",
      severity: "critical",
      title: HOSTILE,
      detail: HOSTILE,
      tool: "echo",
    },
    { type: "metric", ...base(), name: "checked", value: 1, unit: "1" },
  ]);
  return request.id;
}

Deno.test("km show tells what plugins noted, the same with and without km serve, safe to print", async () => {
  verifies("read-show");
  using home = new TempFolder();
  const id = recordEmits(home.path);
  const show = async (...flags: string[]) => (await runKm(["show", id, ...flags], { home: home.path })).out;
  const [text, json] = [await show(), await show("--json")];
  assert.ok(text.includes(`note  tool-guard: verdict = line 1\\n${SHOWN}`), text);
  const [note, ...others] = JSON.parse(json).annotations;
  assert.deepEqual([note.plugin, note.pluginVersion, note.key, others.length], [
    "tool-guard",
    "1.0.0",
    "verdict",
    0,
  ]);
  await using _daemon = await RunningDaemon.start([], { home: home.path });
  assert.deepEqual([await show(), await show("--json")], [text, json]);
});

Deno.test("km prune --all deletes what plugins gave back", async () => {
  verifies("read-prune");
  using home = new TempFolder();
  recordEmits(home.path);
  const { code, err } = await runKm(["prune", "--all", "--yes"], { home: home.path });
  assert.equal(code, 0, err);
  using db = openDatabase(`${home.path}/km.db`, { mode: "read" });
  for (const table of PLUGIN_TABLES) assert.equal(db.get(`SELECT 1 FROM ${table}`), undefined, table);
  const bytes = new TextDecoder("latin1").decode(await Deno.readFile(`${home.path}/km.db`));
  assert.doesNotMatch(bytes, /tool-guard|onerror/);
});

testDashboard("the dashboard shows a plugin's findings and notes as its own words", async () => {
  verifies("web-overview", "web-inspector");
  let id = "";
  await using dashboard = await Dashboard.start((home) => {
    id = recordEmits(home);
    return Promise.resolve();
  });
  const page = await dashboard.open("/");
  const finding = page.getByRole("listitem").filter({ hasText: SHOWN }).first();
  await finding.waitFor();
  await finding.getByText("plugin tool-guard").waitFor();
  await settled(page);
  await keepScreenshot(page, "plugin-finding");
  await finding.getByRole("link", { name: "Look at the message" }).click();
  const notes = page.getByRole("region", { name: "Notes of plugins" });
  await notes.getByText("verdict").waitFor();
  await notes.getByText(SHOWN).waitFor();
  await keepScreenshot(page, "plugin-note");
  assert.ok(page.url().endsWith(`/inspect/${id}`));
  assert.equal(await page.locator("img[src='x']").count(), 0);
  assert.deepEqual([dashboard.pageErrors, dashboard.foreignRequests], [[], []]);
});
