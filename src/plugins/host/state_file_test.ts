import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { FakeTimers } from "./fake_timers.ts";
import { StateFile } from "./state_file.ts";

Deno.test("StateFile: what is kept is there again; an empty value removes it", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/p.json`;
  const timers = new FakeTimers();
  const problems: string[] = [];
  const state = new StateFile(path, (problem) => problems.push(problem), timers);
  assert.equal(state.set("a", '{"n":1}'), null);
  assert.equal(state.set("b", "2"), null);
  assert.equal(state.set("b", ""), null);
  await timers.pass(250);
  assert.deepEqual(new StateFile(path, () => {}, timers).entries(), [["a", '{"n":1}']]);
  if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(problems, []);
});

Deno.test("StateFile: at most 1 MiB in all, no key without a name, no value that is no JSON", () => {
  using folder = new TempFolder();
  const state = new StateFile(`${folder.path}/p.json`, () => {}, new FakeTimers());
  const half = JSON.stringify("x".repeat(512 * 1024));
  assert.equal(state.set("a", half), null);
  assert.match(state.set("b", half) ?? "", /1 MiB/);
  assert.equal(state.set("a", half), null);
  assert.match(state.set("", "1") ?? "", /key/);
  assert.match(state.set("c", "{") ?? "", /no JSON/);
});

Deno.test("StateFile: one that cannot be read counts as empty, and that is said", () => {
  using folder = new TempFolder();
  const path = `${folder.path}/p.json`;
  Deno.writeTextFileSync(path, "[1");
  const problems: string[] = [];
  assert.deepEqual(new StateFile(path, (problem) => problems.push(problem), new FakeTimers()).entries(), []);
  assert.match(problems[0] ?? "", /counts as empty/);
});
