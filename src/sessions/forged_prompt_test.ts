import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { ME, TestSessions } from "./testing_sessions.ts";

const unlessUnix = unlessOs("linux", "darwin");
const bytes = (text: string) => new TextEncoder().encode(text);
const COMMAND = "rm -r everything";
/** Ways there and back to the thread: a command that may be typed in is by then. */
const ROUNDS = 30;

/** Sends a command to a session that looks idle; returns what the program that reads its terminal got instead, from a person. */
async function readInstead(test: TestSessions, id: string): Promise<string> {
  await test.sessions.send(id, { id: "one", text: COMMAND }, ME);
  for (let i = 0; i < ROUNDS; i++) await test.sessions.screen(id, "text");
  assert.equal((await test.sessions.get(id)).queuedCommands, 1);
  await test.sessions.cancelCommand(id, "one", ME);
  await test.sessions.input(id, bytes("mine\r"));
  for await (const event of watchFor(test.folder)) if (event) break;
  return Deno.readTextFileSync(`${test.folder}/got`);
}

/** Ends when there is a file `got` with something in it. */
async function* watchFor(folder: string): AsyncGenerator<boolean> {
  using watcher = Deno.watchFs(folder);
  const hasGot = () => {
    try {
      return Deno.statSync(`${folder}/got`).size > 0;
    } catch {
      return false;
    }
  };
  if (hasGot()) yield true;
  for await (const _event of watcher) yield hasGot();
}

for (
  const [what, shell, script] of [
    [
      "a program that it started says that it is at its prompt",
      "/bin/sh",
      `sh -c "printf 'line \\033]133;A\\007'; read x; echo \\$x > got"`,
    ],
    [
      "its terminal shows nothing of what is typed",
      "/bin/sh",
      "printf 'Enter PIN for key $ '; stty -echo; read x; stty echo; echo $x > got",
    ],
    [
      "it reads an answer, and not with its line editor",
      "/bin/bash",
      "printf 'Really wipe disk? > '; read x; echo $x > got",
    ],
  ] as const
) {
  testUnless(unlessUnix, `no command is typed into a shell while ${what}`, async () => {
    const environment = { PATH: "/usr/bin:/bin", SHELL: shell };
    await using test = new TestSessions({ environment: () => environment });
    const { id } = await test.sessions.start({ provider: "shell", cwd: test.folder }, ME);
    await test.until(id, "idle");
    await test.sessions.input(id, bytes(`${script}\r`));
    await test.until(id, "idle");
    assert.equal(await readInstead(test, id), "mine\n");
  });
}

testUnless(unlessUnix, "a program of the user's own that is quiet is not idle, and runs", async () => {
  await using test = new TestSessions();
  const { id } = await test.run([
    "sh",
    "-c",
    "printf 'Press Enter to delete everything'; read x; echo $x > got",
  ]);
  await test.until(id, "running");
  assert.equal(await readInstead(test, id), "mine\n");
});

for (const shell of ["/bin/sh", "/bin/bash"]) {
  testUnless(unlessUnix, `commands are typed into ${shell} at its prompt, one after the other`, async () => {
    const environment = { PATH: "/usr/bin:/bin", SHELL: shell };
    await using test = new TestSessions({ environment: () => environment });
    const { id } = await test.sessions.start({ provider: "shell", cwd: test.folder }, ME);
    for (const name of ["a", "b"]) {
      await test.sessions.send(id, { id: name, text: `sleep 0.1; echo ${name} >> got` }, ME);
    }
    await test.until(id, "idle");
    assert.equal(Deno.readTextFileSync(`${test.folder}/got`), "a\nb\n");
  });
}
