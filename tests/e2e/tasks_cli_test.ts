/** `km tasks`, as scripts use it, with a fake agent. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { TaskBody } from "../../src/api/sessions/task_schemas.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, readJson, runKm, Running } from "./harness.ts";
import { TaskHome } from "./task_home.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");

function runner({ home, work }: TaskHome): (...args: string[]) => Promise<Ended> {
  return async (...args) => await runKm(["tasks", ...args], { home, cwd: work });
}

testUnless(NO_TERMINALS, "a task is submitted, waited for, listed and shown", async () => {
  verifies("task-cli");
  await using tasks = await new TaskHome().start();
  const km = runner(tasks);
  const waited = await km("submit", "agent", "say", "hello", "--model", "small", "--wait", "--", "--x");
  deepEqual([waited.code, waited.out, waited.err], [0, "say hello --model=small --x\n", ""]);
  const piped = await runKm(["tasks", "submit", "agent", "-"], {
    home: tasks.home,
    cwd: tasks.work,
    stdin: "say it\n",
  });
  equal(piped.out, "2\n");
  await tasks.over("2");
  const lines = (await km()).out.trimEnd().split("\n");
  match(lines[1] ?? "", /^2 +done +agent +.*\$0\.0123 +say it +done/);
  match(lines[2] ?? "", /^1 +done +agent /);
  const shown = (await km("show", "2", "--events")).out;
  match(shown, /^state +done/m);
  match(shown, /^tokens +15 in, 3 out$/m);
  match(shown, /^cost +\$0\.0123$/m);
  match(shown, /^result\nsay it/m);
  match(shown, /message +thinking$/m);
  match(shown, /tool +Bash /);
  const [json] = await readJson<TaskBody>(["tasks", "show", "1"], tasks.home);
  deepEqual([json?.number, json?.state, json?.provider], [1, "done", "agent"]);
});

testUnless(NO_TERMINALS, "a task that fails or is cancelled ends km with 1, and says why", async () => {
  verifies("task-cli");
  await using tasks = await new TaskHome().start();
  const km = runner(tasks);
  const failed = await km("submit", "agent", "fail", "--wait");
  equal(failed.code, 1);
  match(failed.err, /^km: task 1 failed: .*it cannot be done/m);
  equal((await km("submit", "agent", "hold")).out, "2\n");
  await using follows = new Running(["tasks", "show", "2", "--follow"], { home: tasks.home });
  await follows.stdout.text("holding");
  const cancelled = await km("cancel", "2");
  deepEqual([cancelled.code, cancelled.out], [0, "task 2 is cancelled\n"]);
  const { code, err } = await follows.ended();
  equal(code, 1);
  match(err, /km: task 2 was cancelled/);
  equal((await km("cancel", "2")).out, "task 2 is cancelled\n");
  match((await km("cancel", "1")).out, /task 1 was over before: failed/);
});

testUnless(NO_TERMINALS, "a task with a key is one task; full access is said in red", async () => {
  await using tasks = await new TaskHome().start();
  const { home, work } = tasks;
  const km = runner(tasks);
  for (let time = 0; time < 2; time++) {
    const { out, err } = await km(
      "submit",
      "agent",
      "say one with ghp_0123456789abcdefghijABCDEFGHIJ012345",
      "--key",
      "k",
    );
    deepEqual([out, err], ["1\n", ""]);
  }
  const other = await km("submit", "screens", "say two", "--key", "k");
  deepEqual([other.code, other.out], [0, "1\n"]);
  match(
    other.err,
    /^km: note: the key "k" is that of task 1, which has another provider and another prompt; nothing/,
  );
  const args = ["tasks", "submit", "agent", "say all", "--full-access", "--wait"];
  const full = await runKm(args, { home, cwd: work, env: { NO_COLOR: "", FORCE_COLOR: "1" } });
  equal(full.out, "say all --all\n");
  // deno-lint-ignore no-control-regex -- colours begin so
  match(full.err, /\x1b\[31mkm: full access: agent asks nobody before it acts/);
});

testUnless(
  NO_TERMINALS,
  "km tasks cancel names all tasks that are not there, before it ends any",
  async () => {
    await using tasks = await new TaskHome().start();
    const km = runner(tasks);
    await km("submit", "agent", "hold");
    const unknown = await km("cancel", "1", "8", "9");
    equal(unknown.code, 3);
    match(unknown.err, /Cannot find tasks "8", "9": there are none/);
    const { number, state } = await tasks.get("1");
    deepEqual([number, state === "queued" || state === "running"], [1, true]);
    equal((await km("cancel", "1", "1")).out, "task 1 is cancelled\n");
  },
);

testUnless(NO_TERMINALS, "km tasks says what is wrong", async () => {
  await using tasks = await new TaskHome().start();
  const km = runner(tasks);
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [["submit", "agnt", "x"], 3, /agnt/],
    [["submit", "agent", "-"], 2, /Cannot submit an empty prompt/],
    [["show", "9"], 3, /9/],
    [["cancel", "9"], 3, /9/],
    [["list", "--state", "don"], 2, /did you mean "done"/],
  ];
  for (const [args, code, said] of cases) {
    const ended = await km(...args);
    equal(ended.code, code, `${args.join(" ")}: ${ended.err}`);
    match(ended.err, said);
  }
  match((await km()).err, /no tasks; "km tasks submit claude <prompt>" makes one/);
});
