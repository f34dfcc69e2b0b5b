import assert from "node:assert/strict";
import { endSession } from "./pty_end.ts";
import { endMembers } from "./session_end.ts";

/** A number that no process can have: who has it takes no signal, as one that waits in the kernel. */
const STUCK = 2 ** 30;
const look = () => Promise.resolve([STUCK]);

Deno.test("endMembers() gives up on who does not end by SIGKILL, and says who that is", async () => {
  const left = await endMembers(STUCK, { rounds: [["SIGTERM"], ["SIGKILL"]], graceMs: 1, killMs: 1, look });
  assert.deepEqual(left, [STUCK]);
});

Deno.test("endSession() throws when the program is stuck, and does not when another one of its session is", async () => {
  const stuck = { pid: STUCK, exit: new Promise<never>(() => {}), resume() {} };
  const options = { graceMs: 1, killMs: 1, look };
  await assert.rejects(endSession(stuck, options), {
    code: "busy",
    message: /process 1073741824 was killed/,
  });
  const exit = { code: 0, signal: null };
  assert.deepEqual(await endSession({ ...stuck, pid: 1, exit: Promise.resolve(exit) }, options), exit);
});
