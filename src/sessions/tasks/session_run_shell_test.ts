/** Tasks in shells: what they do and ask themselves, without a program in the foreground of their terminal. @module */
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { TestSessions } from "../testing_sessions.ts";
import type { TaskOutcome } from "./task_run.ts";
import { runTask } from "./testing_session_run.ts";

const unlessUnix = unlessOs("linux", "darwin");

async function run(shell: string, prompt: string): Promise<TaskOutcome> {
  const environment = { PATH: "/usr/bin:/bin", SHELL: shell };
  await using test = new TestSessions({ environment: () => environment });
  return await runTask(test, { prompt }) as TaskOutcome; // as: nothing stops it
}

for (
  const [what, prompt] of [
    ["waits for its jobs", "sleep 1.5 & wait"],
    ["asks", "read -t 1.5 -p 'sure? ' x"],
    ["asks for a password", "read -t 1.5 -s -p 'Which one? ' x"],
  ] as const
) {
  testUnless(unlessUnix, `a task is not done while the shell itself ${what}`, async () => {
    const { state, result } = await run("/bin/bash", `${prompt}; echo finished`);
    assert.equal(state, "done");
    assert.match(result ?? "", /finished$/m);
  });
}

testUnless(unlessUnix, "a task of a shell without a line editor is done at its prompt", async () => {
  const { state, result } = await run("/bin/sh", "echo finished");
  assert.deepEqual([state, result], ["done", "finished"]);
});

testUnless(unlessUnix, "a task of several lines fails in a shell that would enter each alone", async () => {
  const { state, reason } = await run("/bin/sh", "echo one\necho two");
  assert.equal(state, "failed");
  assert.match(reason, /the prompt was not taken: it has several lines/);
});
