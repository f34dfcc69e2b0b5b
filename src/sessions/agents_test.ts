/** Sessions with an agent that behaves as the real ones do: what waits, what is typed in, what never is. @module */
import assert from "node:assert/strict";
import { FAKE_COMMAND } from "../../tests/fakes/watched_agent.ts";
import { verifies } from "../../tests/verifies.ts";
import { loadProviders } from "./providers/providers.ts";
import { ME, TestSessions, TestViewer } from "./testing_sessions.ts";
import type { SessionView } from "./viewer.ts";

const LOOK = { since: null, size: null };
const providers = () =>
  loadProviders({
    agent: { extends: "claude", command: [...FAKE_COMMAND] },
    brief: { extends: "claude", command: ["/bin/false"] },
    gone: { extends: "claude", command: ["/nowhere/agent"] },
    codexish: { extends: "codex", command: [...FAKE_COMMAND, "--as", "codex"] },
  }).providers;

async function startAgent(test: TestSessions, provider: string, ...prompts: string[]): Promise<SessionView> {
  return await test.sessions.start({
    provider,
    args: prompts,
    cwd: test.folder,
    size: { cols: 100, rows: 30 },
  }, ME);
}

for (const provider of ["agent", "codexish"]) {
  Deno.test(`${provider}: a command that is sent while it works is pasted when it is idle, with Enter of its own`, async () => {
    verifies("session-queue");
    await using test = new TestSessions({ providers: providers as never });
    const { id } = await startAgent(test, provider, "work");
    await test.until(id, "running");
    await test.sessions.send(id, { id: "one", text: "first line\nsecond line" }, ME);
    assert.equal((await test.sessions.get(id)).queuedCommands, 1);
    const viewer = new TestViewer();
    await test.sessions.attach(id, viewer, LOOK);
    assert.doesNotMatch((await test.sessions.screen(id, "text") as string[]).join("\n"), /first line/);
    await test.sessions.input(id, new TextEncoder().encode("finish\r"));
    await viewer.until(() => viewer.text.includes("pasted, 22 bytes"));
    await test.until(id, "idle");
    const [command] = await test.sessions.record.record("listCommands", id, { limit: 1 });
    assert.equal(command?.state, "done");
  });
}

for (
  const [dialog, state] of [["ask", "waiting_approval"], ["trust", "waiting_input"], [
    "bypass",
    "waiting_input",
  ], ["sign-in", "auth_required"]] as const
) {
  Deno.test(`a command is never typed into a dialog: ${dialog}`, async () => {
    verifies("session-no-auto-confirm", "session-states");
    await using test = new TestSessions({ providers: providers as never });
    const { id } = await startAgent(test, "agent", dialog);
    const view = await test.until(id, state);
    assert.notEqual(view.stateReason, "");
    await test.sessions.send(id, { id: "one", text: "hello" }, ME);
    // Whatever would be typed comes before what is typed next; so what answers that shows whether anything was.
    const viewer = new TestViewer();
    await test.sessions.attach(id, viewer, LOOK);
    assert.equal((await test.sessions.get(id)).queuedCommands, 1);
    // A hook may tell of the question before it is drawn.
    await viewer.until(() => /❯ 1\./.test(viewer.text));
    await test.sessions.input(id, new TextEncoder().encode("1"));
    await viewer.until(() => viewer.text.includes("pasted, 5 bytes"));
    await test.until(id, "idle");
  });
}

Deno.test("hooks that the agent runs say what it is doing, and name its conversation", async () => {
  verifies("session-layers");
  await using test = new TestSessions({ providers: providers as never });
  const { id, resumeId } = await startAgent(test, "agent", "work");
  assert.notEqual(resumeId, null);
  await test.until(id, "running");
  await test.sessions.input(id, new TextEncoder().encode("finish\r"));
  await test.until(id, "idle");
  const history = await test.sessions.record.record("stateHistory", id);
  assert.ok(history.some(({ source }) => source === "hook"), JSON.stringify(history));
  await test.sessions.end(id, ME);
  const left = [...Deno.readDirSync(`${test.folder}/hooks`)];
  assert.deepEqual(left, []);
});

Deno.test("an agent whose hook tells of the end before its answer is drawn is idle when the answer is there", async () => {
  await using test = new TestSessions({ providers: providers as never });
  const { id } = await startAgent(test, "agent");
  await test.until(id, "idle");
  for (const answer of ["one", "two", "three"]) {
    await test.sessions.send(id, { id: answer, text: `late ${answer}` }, ME);
    await test.until(id, "idle");
    const screen = (await test.sessions.screen(id, "text") as string[]).join("\n");
    assert.match(screen, new RegExp(`^late ${answer}$`, "m"));
  }
});

Deno.test("agents with hooks that end at once do no harm to the thread that watches them", async () => {
  await using test = new TestSessions({ providers: providers as never });
  for (let i = 0; i < 5; i++) {
    const { id } = await startAgent(test, "brief");
    assert.equal((await test.until(id, "exited")).exitCode, 1);
  }
  assert.deepEqual(test.logged, []);
  assert.deepEqual([...Deno.readDirSync(`${test.folder}/hooks`)], []);
});

Deno.test("nothing stays for the hooks of an agent that could not be started, or that a daemon before left", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "km-sessions-" });
  Deno.mkdirSync(`${folder}/hooks`);
  for (const left of ["a.jsonl", "a.settings.json"]) Deno.writeTextFileSync(`${folder}/hooks/${left}`, "");
  try {
    await using test = new TestSessions({ providers: providers as never, folder });
    await test.sessions.recovered;
    await assert.rejects(startAgent(test, "gone"));
    await assert.rejects(test.sessions.start({ provider: "agent", cwd: folder, resumeId: "\0" }, ME));
    assert.deepEqual([...Deno.readDirSync(`${folder}/hooks`)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a command in a shell with a prompt of its own is done when its program is", async () => {
  await using test = new TestSessions();
  const { id } = await test.sessions.start(
    { provider: "shell", cwd: test.folder, env: { PS1: "here: " } },
    ME,
  );
  await test.until(id, "idle");
  await test.sessions.send(id, { id: "one", text: "sleep 1.5; echo ov''er" }, ME);
  await test.until(id, "idle");
  assert.match((await test.sessions.screen(id, "text") as string[]).join("\n"), /^over$/m);
});

Deno.test("a program's questions to its terminal are answered once, however many look", async () => {
  verifies("session-terminal-answers");
  await using test = new TestSessions();
  // Asks for the cursor's place, and shows what it was told.
  const { id } = await test.run([
    "bash",
    "-c",
    `printf '\\e[6n'; IFS= read -rs -d R place; printf '%q.' "$place"; read -rs -t 0.5 -n 1 more && echo twice; echo over; read x`,
  ]);
  for (let i = 0; i < 3; i++) await test.sessions.attach(id, new TestViewer(), LOOK);
  const viewer = new TestViewer();
  await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("over"));
  assert.match(viewer.text, /\[1;1'\.over/);
});
