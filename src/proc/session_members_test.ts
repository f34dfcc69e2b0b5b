import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { type Members, sessionMembers, SharedLook } from "./session_members.ts";

/** A clock whose pauses end when told; looks that find what is asked for. */
function setUp() {
  let nowMs = 1000;
  const pauses: number[] = [];
  const looks: ((members: Members) => void)[] = [];
  const look = new SharedLook(
    () => new Promise((resolve) => looks.push(resolve)),
    {
      nowMs: () => nowMs,
      pause: (ms) => {
        pauses.push(ms);
        nowMs += ms;
        return Promise.resolve();
      },
    },
  );
  return { look, looks, pauses };
}

Deno.test("SharedLook.next() looks once for all who ask before it begins, and never sooner than 20 ms after the last", async () => {
  const { look, looks, pauses } = setUp();
  const first = Array.from({ length: 50 }, () => look.next());
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(looks.length, 1);
  const found: Members = new Map([[7, [7, 8]]]);
  looks[0]?.(found);
  assert.deepEqual(new Set(await Promise.all(first)), new Set([found]));
  const second = Array.from({ length: 50 }, () => look.next());
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([looks.length, pauses], [2, [0, 20]]);
  looks[1]?.(new Map());
  await Promise.all(second);
});

Deno.test("SharedLook.next() tells nobody what was found by a look that had begun before", async () => {
  const { look, looks } = setUp();
  const early = look.next();
  await Promise.resolve();
  await Promise.resolve();
  const late = look.next();
  looks[0]?.(new Map([[7, [7]]]));
  await early;
  await Promise.resolve();
  await Promise.resolve();
  looks[1]?.(new Map());
  assert.deepEqual([(await early).size, (await late).size], [1, 0]);
});

testUnless(
  unlessOs("linux", "darwin"),
  "sessionMembers() sees who lives, and nobody after the end",
  async () => {
    const child = new Deno.Command("sleep", { args: ["1000"], detached: true, stdin: "null" }).spawn();
    assert.deepEqual(await sessionMembers(child.pid), [child.pid]);
    child.kill("SIGKILL");
    await child.status;
    assert.deepEqual(await sessionMembers(child.pid), []);
  },
);
