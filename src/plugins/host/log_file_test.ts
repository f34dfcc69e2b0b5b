import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { verifies } from "../../../tests/verifies.ts";
import { type LogEntry, LogFile } from "./log_file.ts";

function entries(path: string): LogEntry[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("LogFile: a minute's bytes, what was cut, and the next minute", () => {
  verifies("plugin-limits");
  using folder = new TempFolder();
  let nowMs = 1_000_000;
  const path = `${folder.path}/p.jsonl`;
  const log = new LogFile({ path, bytesPerMinute: 500, nowMs: () => nowMs });
  const fates = Array.from({ length: 10 }, () => log.say("info", "x".repeat(50), ""));
  const written = fates.filter((fate) => fate === "written").length;
  assert.ok(written > 1 && written < 6);
  log.note("end", "warning", "km's own words do not count");
  nowMs += 60_000;
  assert.equal(log.say("info", "again", "\x1b[31magain"), "written");
  const texts = entries(path).map(({ source, text }) => [source, text.slice(0, 20)]);
  assert.deepEqual(texts.slice(written), [
    ["host", "km's own words do no"],
    ["host", `${10 - written} lines were cut: too much`.slice(0, 20)],
    ["plugin", "again"],
  ]);
  assert.equal(entries(path).at(-1)?.console, "\x1b[31magain");
});

Deno.test("LogFile: of what km itself says a minute holds a few of each kind, and the number of the others", () => {
  verifies("plugin-limits");
  using folder = new TempFolder();
  let nowMs = 1_000_000;
  const path = `${folder.path}/p.jsonl`;
  const log = new LogFile({ path, bytesPerMinute: 500, nowMs: () => nowMs });
  log.say("info", "evidence", "");
  for (let i = 0; i < 50_000; i++) {
    log.note("refusal of import", "warning", `refused: import ${i}:${"p".repeat(5000)}`);
  }
  log.note("end", "error", "ended");
  assert.ok(Deno.statSync(path).size < 64 * 1024);
  assert.equal(entries(path)[0]?.text, "evidence");
  assert.equal(entries(path).at(-1)?.text, "ended");
  nowMs += 60_000;
  log.tick();
  assert.equal(entries(path).at(-1)?.text, "49980 lines were left out, about: refusal of import");
  log.note("refusal of import", "warning", "refused: again");
  assert.equal(entries(path).at(-1)?.text, "refused: again");
});

Deno.test("LogFile: it is turned over when it is full, and one old file stays", () => {
  using folder = new TempFolder();
  const path = `${folder.path}/p.jsonl`;
  const log = new LogFile({ path, bytesPerMinute: 1e9, nowMs: () => 0, rotateBytes: 1000 });
  for (let line = 0; line < 100; line++) log.say("info", `line ${line}`, "");
  const sizes = [path, `${path}.1`].map((file) => Deno.statSync(file).size);
  assert.ok(sizes.every((size) => size > 0 && size <= 1000), String(sizes));
  assert.equal(entries(path).at(-1)?.text, "line 99");
  assert.deepEqual([...Deno.readDirSync(folder.path)].length, 2);
});

Deno.test("LogFile: a folder that is gone costs the line and nothing else", () => {
  const log = new LogFile({ path: "/nowhere/at/all.jsonl", bytesPerMinute: 1000, nowMs: () => 0 });
  assert.equal(log.say("info", "lost", ""), "written");
});
