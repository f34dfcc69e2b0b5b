import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { until } from "./harness.ts";
import { SessionCalls } from "./session_calls.ts";

const SESSIONS = 500;
/** More resident memory after all of them, in MB: the engine's heaps grow to a size at which they stay (90 MB more after 300, 10 after the next 300). */
const MAX_GROWTH_MB = 150;

interface Holdings {
  readonly fds: number;
  readonly terminals: number;
  readonly threads: number;
  readonly zombies: number;
  readonly residentMb: number;
}

function count(path: string): number {
  return [...Deno.readDirSync(path)].length;
}

/** What a process holds now. */
function holdings(pid: number): Holdings {
  const fds = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => linkOf(`/proc/${pid}/fd/${name}`));
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const children = [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").filter((child) => child !== "")
  );
  return {
    // Connections are the client's to keep.
    fds: fds.filter((link) => !link.startsWith("socket:")).length,
    terminals: fds.filter((link) => link.includes("ptmx")).length,
    threads: count(`/proc/${pid}/task`),
    zombies: children.filter((child) => /^\S+ \(.*\) Z/.test(statOf(child))).length,
    residentMb: Number(status.match(/VmRSS:\s+(\d+)/)?.[1]) / 1024,
  };
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // Closed meanwhile.
  }
}

function statOf(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return "";
  }
}

/** Runs `count` sessions to their ends, ten at a time; every other one is ended by DELETE. */
async function runSessions(calls: SessionCalls, count: number): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: 10 }, async () => {
    while (left > 0) {
      const isDeleted = left-- % 2 === 0;
      const { id } = await calls.run(isDeleted ? ["cat"] : ["sh", "-c", "echo hello"]);
      if (isDeleted) await calls.end(id);
      else await calls.wait(id, "exited");
    }
  }));
}

testUnless(
  unlessOs("linux"),
  `${SESSIONS} sessions that are started and ended leave no descriptor, thread or zombie in km serve, and little memory`,
  async () => {
    verifies("pty-no-leak");
    await using daemon = await RunningDaemon.start();
    const calls = new SessionCalls(daemon);
    const { pid } = daemon.process;
    await runSessions(calls, 200); // What is made once is made.
    const before = holdings(pid);
    await runSessions(calls, SESSIONS);
    const isBack = () => {
      const { fds, terminals, zombies, threads } = holdings(pid);
      return terminals === 0 && zombies === 0 && fds <= before.fds && threads <= before.threads;
    };
    await until(isBack, () => `${JSON.stringify(before)} again, not ${JSON.stringify(holdings(pid))}`);
    const growthMb = holdings(pid).residentMb - before.residentMb;
    assert(growthMb < MAX_GROWTH_MB, `grew by ${growthMb} MB`);
    console.log(`${SESSIONS} sessions: ${Math.round(growthMb)} MB more`);
  },
);
