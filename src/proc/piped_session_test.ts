import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { PipedSession, type PipedSessionOptions } from "./piped_session.ts";
import { sessionMembers } from "./session_members.ts";

const ENV = { PATH: "/usr/bin:/bin" };

/** Runs a script of sh; what it prints is collected. */
function start(script: string, options: Partial<PipedSessionOptions> & { readonly graceMs?: number } = {}) {
  const printed = { stdout: "", stderr: "" };
  const lines = Promise.withResolvers<void>();
  const session = new PipedSession({
    command: ["sh", "-c", script],
    cwd: "/",
    env: ENV,
    searchPath: ENV.PATH,
    input: "",
    onOutput(stream, bytes) {
      printed[stream] += new TextDecoder().decode(bytes);
      if (printed.stdout.includes("ready\n")) lines.resolve();
    },
    ...options,
  }, options.graceMs ?? 200);
  return { session, printed, ready: lines.promise };
}

testUnless(
  unlessOs("linux", "darwin"),
  "PipedSession feeds the program, takes all that it prints, and tells its exit code",
  async () => {
    const { session, printed } = start("cat; echo problem >&2; exit 3", { input: "ü".repeat(300_000) });
    assert.deepEqual(await session.ended, { code: 3, signal: null });
    assert.deepEqual([printed.stdout.length, printed.stderr], [300_000, "problem\n"]);
  },
);

testUnless(
  unlessOs("linux", "darwin"),
  "PipedSession gives the environment that it is told, and no more",
  async () => {
    const { session, printed } = start("env | grep -v '^_\\|^PWD\\|^SHLVL'");
    await session.ended;
    assert.equal(printed.stdout, `PATH=${ENV.PATH}\n`);
  },
);

testUnless(
  unlessOs("linux", "darwin"),
  "PipedSession does not wait for a program that never reads",
  async () => {
    const { session } = start("exit 0", { input: "x".repeat(1_000_000) });
    assert.deepEqual(await session.ended, { code: 0, signal: null });
  },
);

testUnless(unlessOs("linux"), "PipedSession leaves nobody of its session behind", async () => {
  const { session, ready } = start(
    "(trap '' TERM INT HUP; sleep 1000) & set -m; sleep 1000 & echo ready; exit 0",
  );
  await ready;
  await session.ended;
  assert.deepEqual(await sessionMembers(session.pid), []);
});

testUnless(unlessOs("linux"), "PipedSession.end() interrupts first, then takes harder means", async () => {
  const gentle = start("trap 'echo bye; exit 5' INT; echo ready; while :; do sleep 0.05; done");
  await gentle.ready;
  assert.deepEqual(await gentle.session.end(), { code: 5, signal: null });
  assert.match(gentle.printed.stdout, /bye/);
  const deaf = start("trap '' INT TERM; echo ready; while :; do sleep 0.05; done");
  await deaf.ready;
  assert.deepEqual(await deaf.session.end(), { code: null, signal: "SIGKILL" });
  assert.deepEqual(await sessionMembers(deaf.session.pid), []);
});

testUnless(unlessOs("linux"), "PipedSession reads no faster than what it reads is taken", async () => {
  let taken = 0;
  const held = Promise.withResolvers<void>();
  const { session } = start("head -c 10000000 /dev/zero", {
    onOutput: async (_stream, bytes) => {
      taken += bytes.length;
      await held.promise;
    },
  });
  // It cannot end: the pipe is full, and one piece was taken.
  const first = await Promise.race([
    session.ended.then(() => "ended"),
    new Promise((resolve) => setTimeout(resolve, 100, "held")),
  ]);
  assert.equal(first, "held");
  assert.ok(taken <= 1024 * 1024, `${taken} bytes were taken`);
  held.resolve();
  await session.ended;
  assert.equal(taken, 10_000_000);
});

testUnless(
  unlessOs("linux"),
  "PipedSession ends a program whose output cannot be taken, and throws why",
  async () => {
    const { session } = start("while :; do echo x; done", {
      onOutput() {
        throw new TypeError("too much");
      },
    });
    await assert.rejects(session.ended, { message: "too much" });
    assert.deepEqual(await sessionMembers(session.pid), []);
  },
);

Deno.test("PipedSession throws when there is no such program or folder", () => {
  const options = { env: ENV, searchPath: ENV.PATH, input: "", onOutput() {} };
  assert.throws(() => new PipedSession({ ...options, command: ["no-such-program"], cwd: "/" }), {
    code: "command_not_found",
  });
  assert.throws(() => new PipedSession({ ...options, command: ["sh"], cwd: "/no/such" }), {
    code: "not_found",
  });
});
