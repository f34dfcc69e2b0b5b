import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/store/database.ts";
import { checkIntegrity } from "../../src/store/summary.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { readJson, runKm, until } from "./harness.ts";
import type { SessionBody } from "../../src/client/session_socket.ts";
import { Ptys } from "../../src/proc/pty.ts";
import { SessionCalls } from "./session_calls.ts";
import { UserTerminal } from "./user_terminal.ts";

/** What must be said of each, and how it comes to be. */
const DAMAGE: readonly (readonly [said: RegExp, sql: string])[] = [
  [
    /repaired: Removed 2 rows of sessions that are not there/,
    `INSERT INTO session_commands (session, id, text, state, by, queued_us) VALUES (999, 'a', 'x', 'queued', 'me', 1), (999, 'b', 'x', 'queued', 'me', 1)`,
  ],
  [
    /repaired: Removed 1 chunk of output that was not whole/,
    `UPDATE session_output SET bytes = bytes + 1 WHERE number = (SELECT min(number) FROM session_output WHERE session = 1)`,
  ],
  [/repaired: Counted the output of 1 session again/, `UPDATE sessions SET seq = 0 WHERE number = 2`],
  [
    /repaired: Gave 1 session of unknown state up as lost/,
    `UPDATE sessions SET state = 'dancing' WHERE number = 3`,
  ],
  [
    /repaired: Set the time at which 1 session ended/,
    `UPDATE sessions SET ended_us = NULL WHERE number = 4`,
  ],
  [
    /repaired: Gave 1 command of unknown state up as failed/,
    `INSERT INTO session_commands (session, id, text, state, by, queued_us) VALUES (4, 'c', 'x', 'dancing', 'me', 1)`,
  ],
];

Deno.test("km serve looks through the record of sessions when it starts, repairs it, and says what it repaired", async () => {
  verifies("session-recovery-report");
  await using daemon = await RunningDaemon.start();
  const calls = new SessionCalls(daemon);
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) {
    const { id } = await calls.run(["sh", "-c", "echo some output"]);
    await calls.wait(id, "exited");
    ids.push(id);
  }
  daemon.process.kill("SIGTERM");
  await daemon.process.exit();
  using db = new DatabaseSync(`${daemon.home}/km.db`);
  for (const [, sql] of DAMAGE) assert(db.prepare(sql).run().changes > 0, sql);
  db.close();

  await using again = await RunningDaemon.start([], { home: daemon.home });
  const said = () => new TextDecoder().decode(again.process.stderr.bytes());
  await until(
    () => DAMAGE.every(([line]) => line.test(said())),
    () => `all repairs to be told, not: ${said()}`,
  );
  const callsAgain = new SessionCalls(again);
  const sessions = await callsAgain.list();
  assert.deepEqual(sessions.map(({ state, endedAt }) => [state, endedAt !== null]), [
    ["exited", true],
    ["lost", true],
    ["exited", true],
    ["exited", true],
  ]);
  assert.equal((await callsAgain.recording(ids[1] ?? "")).text.trim(), "some output");
  assert.deepEqual((await callsAgain.commands(ids[3] ?? "")).map(({ state }) => state), ["failed"]);
  using store = openDatabase(`${daemon.home}/km.db`, { mode: "read" });
  assert.deepEqual(checkIntegrity(store), []);
});

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`km sessions list shows what was lost by ${signal}, until somebody has looked at it`, async () => {
    verifies("session-cli");
    await using daemon = await RunningDaemon.start();
    await using ptys = new Ptys();
    const { home } = daemon;
    const listed = async () => {
      const sessions = await readJson<SessionBody>(["sessions", "list"], home);
      return sessions.map(({ name, state }) => `${name} ${state}`).join();
    };
    for (const name of ["kept", "seen"]) {
      await runKm(["run", "-d", "--name", name, "--", "sleep", "60"], { home });
    }
    await runKm(["run", "-d", "--name", "over", "--", "true"], { home });
    await runKm(["sessions", "wait", "over", "--for", "exited"], { home });
    using user = new UserTerminal(ptys, ["sessions", "attach", "kept"], { home });
    await until(() => user.output.includes("kept ("), "the session to be shown");
    daemon.process.kill(signal);
    await daemon.process.exit();
    await user.ended();
    assert.match(user.all, /hint: "km sessions list" says what became of it/);
    assert.equal(await listed(), "seen lost,kept lost", "without a daemon");

    await using again = await RunningDaemon.start([], { home });
    await until(async () => (await new SessionCalls(again).get("1")).state === "lost", "the recovery");
    assert.equal(await listed(), "seen lost,kept lost");
    const { out, err } = await runKm(["sessions"], { home });
    assert.match(out, /^2 +seen +lost /m);
    assert.match(err, /^lost sessions are listed until they are resumed or looked at/);
    using reader = new UserTerminal(ptys, ["sessions", "logs", "seen"], { home });
    assert.equal(await reader.ended(), 0);
    await runKm(["sessions", "logs", "kept"], { home });
    assert.equal(await listed(), "kept lost", "a script is nobody who looks");
    await runKm(["sessions", "kill", "kept", "--remove"], { home });
    assert.match((await runKm(["sessions"], { home })).err, /^no sessions run;/);
  });
}
