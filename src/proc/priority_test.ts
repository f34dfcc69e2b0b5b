import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { startPluginProcess } from "./plugin_process.ts";
import { lowerProcess } from "./priority.ts";

/** Of this process's session; null where the system has no such groups. */
function ownGroup(): string | null {
  try {
    return Deno.readTextFileSync("/proc/self/autogroup");
  } catch {
    return null;
  }
}

const unlessGroups = ownGroup() === null ? "sessions do not share processors first here" : null;

testUnless(unlessGroups, "a plugin's session stands back as a whole, and nobody else's does", async () => {
  const before = ownGroup();
  const plugin = startPluginProcess({
    argv: ["/bin/cat", "/proc/self/autogroup"],
    env: {},
    niceness: 7,
    dataMiB: null,
    noNetwork: false,
  });
  const [said, complaints] = await Promise.all(
    [plugin.stdout, plugin.stderr].map((stream) => new Response(stream).text()),
  );
  await plugin.stdin.close().catch(() => {});
  await plugin.ended;
  assert.match(said ?? "", / nice 7\n$/);
  assert.equal(complaints, "");
  assert.equal(ownGroup(), before);
});

/** Places in a thread's stat, behind its name. @see proc_pid_stat(5) */
const NICENESS = 16, POLICY = 38;
const SCHED_OTHER = 0, SCHED_IDLE = 5;

/** One number of each thread of a process. */
function ofThreads(pid: number, place: number): number[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => {
    const stat = Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[place]);
  });
}

testUnless(
  unlessOs("linux"),
  "a process that runs already is lowered with all its threads, and never raised",
  async () => {
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "Deno.stdout.writeSync(new Uint8Array(1)); setInterval(() => {}, 1000)"],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // It is up.
    const [before = 0] = ofThreads(child.pid, NICENESS);
    lowerProcess(7, child.pid);
    lowerProcess(2, child.pid);
    assert.deepEqual([...new Set(ofThreads(child.pid, NICENESS))], [Math.max(before, 7)]);
    assert.deepEqual([...new Set(ofThreads(child.pid, POLICY))], [SCHED_OTHER]);
    lowerProcess(19, child.pid);
    assert.deepEqual(
      [...new Set(ofThreads(child.pid, POLICY))],
      [SCHED_IDLE],
      "only while nobody else wants to run",
    );
    await reader.cancel();
  },
);
