/** `km sessions cancel`: commands that wait are taken back. */
import { deepEqual, equal, match } from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { type Ended, readJson, runKm, TempFolder } from "./harness.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");
/** One that is never idle, and can be resumed. */
const AGENT = {
  extends: "shell",
  command: ["/bin/sh", "-c", "exec cat"],
  quiet: "busy",
  resume: { args: ["{id}"], chooseId: ["{id}"] },
};

/** What was printed, of a command that must succeed. */
function outOf({ code, out, err }: Ended): string {
  equal(code, 0, err);
  return out;
}

testUnless(
  NO_TERMINALS,
  "cancel takes back what is named by its id or the beginning of that, or all",
  async () => {
    verifies("session-cli");
    await using daemon = await RunningDaemon.start();
    const { home } = daemon;
    const km = async (...args: string[]) => await runKm(args, { home, cwd: home });
    await km("run", "-d", "--", "sleep", "60");
    for (const id of ["fix-1", "fix-2", "then-3", "then-4"]) {
      await km(
        "sessions",
        "send",
        "1",
        `do ${id}`,
        "--id",
        id,
      );
    }
    equal(outOf(await km("sessions", "cancel", "1", "fix-1")), "cancelled fix-1: do fix-1\n");
    equal(outOf(await km("sessions", "cancel", "1", "fix", "fix-2")), "cancelled fix-2: do fix-2\n");
    const unclear = await km("sessions", "cancel", "1", "th");
    deepEqual([unclear.code, unclear.err.includes("several that wait begin like that")], [4, true]);
    const over = await km("sessions", "cancel", "1", "fix-1");
    deepEqual(
      [over.code, over.err.includes('Cannot cancel command "fix-1" of session 1: it does not wait')],
      [3, true],
    );
    deepEqual(await readJson(["sessions", "cancel", "1"], home), [
      { id: "then-3", text: "do then-3", cancelled: true },
      { id: "then-4", text: "do then-4", cancelled: true },
    ]);
    const none = await km("sessions", "cancel", "1");
    deepEqual([none.code, none.out, none.err], [0, "", "no commands wait for session 1\n"]);
    const history = await readJson<{ id: string | null; state: string }>(["sessions", "history", "1"], home);
    deepEqual(history.filter(({ id }) => id !== null).map(({ id, state }) => `${id} ${state}`), [
      "fix-1 cancelled",
      "fix-2 cancelled",
      "then-3 cancelled",
      "then-4 cancelled",
    ]);
  },
);

testUnless(
  NO_TERMINALS,
  "cancel takes back what waits for a session that has ended, before and after a restart",
  async () => {
    verifies("session-recovery-report");
    using folder = new TempFolder();
    const { path: home } = folder;
    await Deno.writeTextFile(`${home}/config.jsonc`, JSON.stringify({ providers: { agent: AGENT } }));
    const km = async (...args: string[]) => await runKm(args, { home, cwd: home });
    {
      await using daemon = await RunningDaemon.start([], { home });
      for (const command of [["agent"], ["--", "sleep", "60"]]) await km("run", "-d", ...command);
      for (const session of ["1", "2"]) {
        for (const id of ["a", "b"]) await km("sessions", "send", session, `do ${id}`, "--id", id);
        await km("sessions", "kill", session);
      }
      equal(outOf(await km("sessions", "cancel", "1", "a")), "cancelled a: do a\n");
      match((await km("sessions", "cancel", "2")).err, /no commands wait/);
      daemon.process.kill("SIGTERM");
      await daemon.process.exit();
    }
    await using again = await RunningDaemon.start([], { home });
    await again.process.stderr.text('1 command still queued: "km sessions resume" takes it along');
    equal(outOf(await km("sessions", "cancel", "1")), "cancelled b: do b\n");
    const queued = await readJson<{ queuedCommands: number }>(["sessions", "--all"], home);
    deepEqual(queued.map(({ queuedCommands }) => queuedCommands), [0, 0]);
  },
);

testUnless(NO_TERMINALS, "send --wait says why a command was not typed in", async () => {
  verifies("session-cli");
  await using daemon = await RunningDaemon.start();
  const { home } = daemon;
  await runKm(["run", "-d", "--", "sh", "-c", "PS1='$ ' exec sh"], { home });
  const sent = await runKm(["sessions", "send", "1", "-", "--wait"], { home, stdin: "echo one\necho two\n" });
  deepEqual([sent.code, sent.out], [30, "$\n"]);
  match(sent.err, /Cannot type the command into session 1: it has several lines, .*: send them one by one/);
});
