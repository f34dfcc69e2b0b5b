/** Tasks through a real daemon: a fake agent in structured mode, a shell in a session. */
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { isAlive, until } from "./harness.ts";
import { TaskHome } from "./task_home.ts";

const unlessUnix = unlessOs("linux", "darwin");

testUnless(
  unlessUnix,
  "a task goes from queued to running to done, with history, result, tokens and cost",
  async () => {
    verifies("task-lifecycle", "task-structured", "task-api");
    await using tasks = await new TaskHome().start();
    const made = await tasks.submit("say hello", { model: "small", fullAccess: true, args: ["--x"] });
    assert.deepEqual([made.number, made.state, made.attempts], [1, "queued", 0]);
    const task = await tasks.over(made.id);
    assert.deepEqual(
      [task.state, task.reason, task.result, task.exitCode, task.conversationId, task.attempts],
      ["done", "done", "say hello --all --model=small --x", 0, "conversation-1", 1],
    );
    assert.deepEqual(task.metrics, {
      inputTokens: 15,
      outputTokens: 3,
      turns: 2,
      costMicroUsd: 12_346,
      durationMs: 7,
    });
    assert.ok(task.startedAt !== null && task.endedAt !== null && task.createdAt <= task.startedAt);
    const events = await tasks.events("1");
    assert.deepEqual(events.map(({ seq, kind, text }) => [seq, kind, text]), [
      [1, "state", "queued by token"],
      [2, "state", "running with agent"],
      [3, "message", "thinking"],
      [4, "tool", 'Bash {"command":"ls"}'],
      [5, "state", "done"],
    ]);
    assert.deepEqual((await tasks.events("1", "?after=2&limit=2")).map(({ seq }) => seq), [3, 4]);
  },
);

testUnless(unlessUnix, "a task of an agent that fails is failed, and says why", async () => {
  await using tasks = await new TaskHome().start();
  const failed = await tasks.over((await tasks.submit("fail")).id);
  assert.deepEqual([failed.state, failed.exitCode], ["failed", 1]);
  assert.equal(failed.reason, "it ended with exit code 1: it cannot be done");
  const signedOut = await tasks.over((await tasks.submit("signed-out")).id);
  assert.equal(
    signedOut.reason,
    'not signed in (Not logged in · Please run /login): sign in with "km run agent"',
  );
  const nothing = await tasks.over((await tasks.submit("nothing")).id);
  assert.deepEqual([nothing.state, nothing.reason], ["failed", "it ended with exit code 0 without a result"]);
  assert.equal(nothing.metrics.costMicroUsd, null);
  const late = await tasks.over((await tasks.submit("hold", { timeoutMs: 1000 })).id);
  assert.deepEqual([late.state, late.reason], ["failed", "it ran longer than 1 s"]);
});

testUnless(unlessUnix, "POST /api/tasks with the same key is one task", async () => {
  await using tasks = await new TaskHome().start();
  const body = { provider: "agent", prompt: "say once", cwd: tasks.work, key: "nightly-7" };
  const answers = await Promise.all([1, 2, 3].map(() => tasks.ask("POST", "/api/tasks", body)));
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 200, 201]);
  const ids = await Promise.all(answers.map(async (answer) => (await answer.json()).id));
  assert.equal(new Set(ids).size, 1);
  assert.equal((await tasks.over("nightly-7")).attempts, 1);
});

testUnless(
  unlessUnix,
  "no more tasks run than tasks.maxParallel; those that wait can be cancelled, and those that run",
  async () => {
    await using tasks = await new TaskHome().start({ KM_TASKS_MAX_PARALLEL: "1" });
    const [first, second, third] = [
      await tasks.submit("hold"),
      await tasks.submit("hold"),
      await tasks.submit("say x"),
    ];
    const pids = await pidsOf(tasks);
    assert.deepEqual([(await tasks.get(first.id)).state, (await tasks.get(second.id)).state], [
      "running",
      "queued",
    ]);
    const waiting = await tasks.cancel(second.id);
    assert.deepEqual([waiting.state, waiting.reason, waiting.attempts], [
      "cancelled",
      "cancelled by token",
      0,
    ]);
    const running = await tasks.cancel(first.id);
    assert.deepEqual([running.state, running.reason], ["cancelled", "cancelled by token"]);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.ok((await tasks.events(first.id)).some(({ text }) => text === "holding"));
    assert.equal((await tasks.over(third.id)).state, "done");
    assert.equal((await tasks.cancel(third.id)).state, "done");
  },
);

testUnless(
  unlessOs("linux"),
  "after kill -9 of the daemon nothing of a task runs; it is failed, and those that waited run",
  async () => {
    verifies("task-restart");
    await using tasks = await new TaskHome().start({ KM_TASKS_MAX_PARALLEL: "1" });
    const running = await tasks.submit("hold");
    const waiting = await tasks.submit("say later", { args: ["--kept"], key: "later" });
    const pids = await pidsOf(tasks);
    tasks.daemon.process.kill("SIGKILL");
    await tasks.daemon.process.exit();
    await until(() => !pids.some(isAlive), `the end of ${pids}`);
    await tasks.start();
    const lost = await tasks.get(running.id);
    assert.deepEqual([lost.state, lost.reason], ["failed", "km serve ended before it did"]);
    assert.equal((await tasks.events(running.id)).at(-1)?.text, "failed: km serve ended before it did");
    const later = await tasks.over(waiting.id);
    assert.deepEqual([later.state, later.result, later.attempts], ["done", "say later --kept", 1]);
  },
);

testUnless(
  unlessOs("linux"),
  "a task's program that takes no notice of signals does not outlive the daemon either",
  async () => {
    await using tasks = await new TaskHome().start();
    await tasks.submit("deaf");
    const pids = await pidsOf(tasks);
    tasks.daemon.process.kill("SIGKILL");
    await tasks.daemon.process.exit();
    await until(() => !pids.some(isAlive), `the end of ${pids}`);
  },
);

testUnless(
  unlessOs("linux"),
  "a daemon that is stopped ends its tasks, and says so; those that waited run when it starts again",
  async () => {
    verifies("task-restart");
    await using tasks = await new TaskHome().start({ KM_TASKS_MAX_PARALLEL: "1" });
    const running = await tasks.submit("hold");
    const waiting = await tasks.submit("say later");
    const pids = await pidsOf(tasks);
    tasks.daemon.process.kill("SIGTERM");
    assert.equal((await tasks.daemon.process.exit()).code, 0);
    assert.deepEqual(pids.filter(isAlive), []);
    await tasks.start();
    assert.equal((await tasks.get(running.id)).reason, "km serve was stopped while it ran");
    assert.equal((await tasks.over(waiting.id)).state, "done");
  },
);

testUnless(unlessUnix, "GET /api/tasks filters and pages, newest first", async () => {
  await using tasks = await new TaskHome().start();
  for (const prompt of ["say 1", "fail", "say 3", "say 4"]) await tasks.over((await tasks.submit(prompt)).id);
  const list = async (query: string) => await (await tasks.ask("GET", `/api/tasks${query}`)).json();
  const numbers = ({ tasks }: { tasks: { number: number }[] }) => tasks.map(({ number }) => number);
  const page = await list("?state=done&limit=2");
  assert.deepEqual([numbers(page), page.nextCursor], [[4, 3], "3"]);
  const rest = await list(`?state=done&limit=2&cursor=${page.nextCursor}`);
  assert.deepEqual([numbers(rest), rest.nextCursor], [[1], null]);
  assert.deepEqual(numbers(await list("?provider=shell")), []);
  assert.equal(await tasks.status("GET", "/api/tasks?cursor=x"), 400);
  assert.equal(await tasks.status("GET", "/api/tasks?stat=done"), 400);
  assert.equal(await tasks.status("GET", "/api/tasks/99"), 404);
});

testUnless(unlessUnix, "output of a task is bounded: the oldest goes, and how much is told", async () => {
  await using tasks = await new TaskHome().start();
  const { id } = await tasks.over((await tasks.submit("flood")).id);
  const { events, missed } = await (await tasks.ask("GET", `/api/tasks/${id}/events?limit=1000`)).json();
  assert.ok(missed > 0 && events[0].seq === missed + 1, `${missed} were missed`);
  assert.equal((await tasks.get(id)).result, "flooded");
});

testUnless(unlessUnix, "secrets are masked in what a task was told and in what it says", async () => {
  await using tasks = await new TaskHome().start();
  const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
  const task = await tasks.over((await tasks.submit(`print ${secret}`)).id);
  const all = JSON.stringify([
    task,
    await tasks.events(task.id),
    await (await tasks.ask("GET", "/api/tasks")).json(),
  ]);
  assert.equal(task.state, "done");
  assert.ok(!all.includes(secret) && all.includes("print "), all);
});

testUnless(unlessUnix, "of km's variables a task's program gets only its folder", async () => {
  await using tasks = await new TaskHome().start();
  assert.equal((await tasks.over((await tasks.submit("env")).id)).result, "KM_HOME=");
});

testUnless(unlessUnix, "who may only read cannot submit or cancel; what was done is audited", async () => {
  await using tasks = await new TaskHome().start();
  const keyOf = async (scopes: string[]) =>
    (await (await tasks.ask("POST", "/api/keys", { name: scopes.join("-"), scopes })).json()).key;
  const [reader, writer] = [await keyOf(["read"]), await keyOf(["read", "sessions"])];
  const body = { provider: "agent", prompt: "say x", cwd: tasks.work, fullAccess: true };
  assert.equal(await tasks.status("POST", "/api/tasks", body, reader), 403);
  const made = await (await tasks.ask("POST", "/api/tasks", body, writer)).json();
  assert.equal(made.createdBy, "read-sessions");
  assert.equal(await tasks.status("GET", `/api/tasks/${made.id}`, undefined, reader), 200);
  assert.equal(await tasks.status("POST", `/api/tasks/${made.id}/cancel`, undefined, reader), 403);
  const audit = await (await tasks.ask("GET", `/api/audit?subject=${made.id}`)).json();
  const [entry] = audit.entries ?? audit.audit ?? [];
  assert.deepEqual([entry?.who, entry?.via, entry?.action], [
    "read-sessions",
    "key",
    "task.submit.full_access",
  ]);
});

testUnless(unlessUnix, "a prompt of 256 Ki characters is taken, a longer one is refused", async () => {
  await using tasks = await new TaskHome().start();
  const prompt = `say ${"x".repeat(256 * 1024 - 4)}`;
  const made = await tasks.submit(prompt);
  assert.equal(made.prompt.length, prompt.length);
  await tasks.over(made.id);
  const longer = { provider: "agent", prompt: `${prompt}x`, cwd: tasks.work };
  assert.equal(await tasks.status("POST", "/api/tasks", longer), 400);
});

testUnless(
  unlessUnix,
  "a provider without structured mode gets a session, the prompt when it is idle, and its screen is the result",
  async () => {
    verifies("task-structured");
    await using tasks = await new TaskHome().start({ KM_SESSIONS_QUIET: "300ms" });
    const made = await tasks.submit("echo one; echo two", { provider: "shell" });
    const task = await tasks.over(made.id);
    assert.deepEqual([task.state, task.result], ["done", "one\ntwo"]);
    const session = await (await tasks.ask("GET", `/api/sessions/${task.sessionId}`)).json();
    assert.equal(session.state, "exited");
    const kept = await tasks.over(
      (await tasks.submit("echo x", { provider: "shell", keepsSession: true })).id,
    );
    assert.equal((await (await tasks.ask("GET", `/api/sessions/${kept.sessionId}`)).json()).state, "idle");
  },
);

testUnless(
  unlessUnix,
  "a task whose session waits for a person says so, goes on when it is answered, and can be cancelled",
  async () => {
    await using tasks = await new TaskHome().start({ KM_SESSIONS_QUIET: "300ms" });
    const made = await tasks.submit("printf 'Password: '; read x; echo got $x", { provider: "shell" });
    let task = made;
    await until(
      async () => /waits for you/.test((task = await tasks.get(made.id)).reason),
      () => `a wait: ${task.reason}`,
    );
    assert.equal(task.state, "running");
    await tasks.status("POST", `/api/sessions/${task.sessionId}/input`, { keys: "me\r" });
    task = await tasks.over(made.id);
    assert.equal(task.state, "done");
    assert.match(task.result ?? "", /got me$/);
    const stuck = await tasks.submit("printf 'Password: '; read x", { provider: "shell" });
    await until(
      async () => /waits for you/.test((task = await tasks.get(stuck.id)).reason),
      () => `a wait: ${task.reason}`,
    );
    assert.equal((await tasks.cancel(stuck.id)).state, "cancelled");
    assert.equal((await (await tasks.ask("GET", `/api/sessions/${task.sessionId}`)).json()).state, "exited");
  },
);

testUnless(unlessUnix, "a task of an agent with a screen waits for its approval, and says so", async () => {
  await using tasks = await new TaskHome().start({ KM_SESSIONS_QUIET: "300ms" });
  const said = await tasks.over((await tasks.submit("hello\nyou", { provider: "screens" })).id);
  assert.equal(said.state, "done", said.reason);
  assert.match(said.result ?? "", /You said: hello/);
  assert.ok(said.conversationId);
  const made = await tasks.submit("ask", { provider: "screens" });
  let task = made;
  const waits = async () => /waits for you: asks for approval/.test((task = await tasks.get(made.id)).reason);
  await until(waits, () => `approval: ${task.state} ${task.reason}`);
  await tasks.status("POST", `/api/sessions/${task.sessionId}/input`, { keys: "1" });
  task = await tasks.over(made.id);
  assert.equal(task.state, "done", task.reason);
});

testUnless(unlessUnix, "a socket that watches is told of tasks", async () => {
  await using tasks = await new TaskHome().start();
  const { token } = await (await tasks.ask("POST", "/api/sessions/tokens", { access: "read" })).json();
  const socket = new WebSocket(`${tasks.daemon.url.replace(/^http/, "ws")}/api/ws`);
  const told: { event?: string; task?: { state: string } }[] = [];
  socket.onmessage = ({ data }) => told.push(JSON.parse(data).data ?? {});
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(JSON.stringify({ type: "auth", message_id: "1", data: { token } }));
  socket.send(JSON.stringify({ type: "command", message_id: "2", data: { action: "watch" } }));
  const has = (event: string) => told.some((message) => message.event === event);
  await until(() => has("watching"), () => `an answer: ${JSON.stringify(told)}`);
  await tasks.over((await tasks.submit("say x")).id);
  const states = () => told.flatMap(({ event, task }) => event === "task" && task ? [task.state] : []);
  await until(() => states().includes("done"), () => `the end of the task: ${JSON.stringify(told)}`);
  assert.deepEqual([...new Set(states())], ["queued", "running", "done"]);
  socket.close();
  await closed;
});

/** The process that holds a task, and the one that it started. */
async function pidsOf(tasks: TaskHome): Promise<number[]> {
  const read = (): number[] => {
    try {
      return Deno.readTextFileSync(`${tasks.work}/pids`).trim().split(" ").map(Number);
    } catch {
      return [];
    }
  };
  await until(() => read().length === 2, "a task that holds");
  return read();
}
