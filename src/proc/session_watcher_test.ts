import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../../tests/skip.ts";
import { sessionMembers } from "./session_members.ts";

const unlessBash = unlessOs("linux", "darwin") ?? missingProgram("bash");

/** A program that holds two sessions with a watcher, as a daemon does, and says their ids; the second one is reported as ended. */
function holder(script: string): string {
  const url = (name: string) => JSON.stringify(import.meta.resolve(name));
  return `
    import { Ptys } from ${url("./pty.ts")};
    import { startSessionWatcher } from ${url("./session_watcher.ts")};
    const watcher = startSessionWatcher(200), ptys = new Ptys(), path = "/usr/bin:/bin";
    const pids = await Promise.all([0, 1].map(() => new Promise((ready) => {
      const pty = ptys.spawn({
        command: ["bash", "-c", ${JSON.stringify(script)}], cwd: "/", env: { PATH: path }, searchPath: path,
        size: { cols: 80, rows: 24 }, onData: () => ready(pty.pid), onExit() {},
      });
      watcher.add(pty.pid);
    })));
    watcher.remove(pids[1]);
    console.log(JSON.stringify(pids));
    setTimeout(() => {}, 60_000);
  `;
}

/** Deaf to SIGHUP, with a job in a process group of its own that is deaf to SIGTERM too. */
const DEAF =
  "trap '' HUP; set -m; (trap '' TERM; exec sleep 1000) & (exec sleep 1001) & printf ready; sleep 1002";

testUnless(unlessBash, "startSessionWatcher() ends all of a session when its daemon was killed", async () => {
  const daemon = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", holder(DEAF)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = daemon.stdout.getReader();
  const { value } = await reader.read();
  const [watched = 0, other = 0]: number[] = JSON.parse(new TextDecoder().decode(value));
  try {
    assert.ok((await sessionMembers(watched)).length >= 3);
    daemon.kill("SIGKILL");
    await daemon.status;
    await reader.cancel();
    await allGone(watched);
    // What the watcher was told is over is nobody's business any more.
    assert.ok((await sessionMembers(other)).length > 0);
  } finally {
    for (const pid of await sessionMembers(other)) Deno.kill(pid, "SIGKILL");
  }
});

/** Resolves when nobody is left in session `sid`. @throws after 10 s */
async function allGone(sid: number): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  while ((await sessionMembers(sid)).length > 0) signal.throwIfAborted();
}
