import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { EchoHabit, EchoWait } from "./pty_echo.ts";
import { openPtyLibc } from "./pty_libc.ts";

testUnless(
  unlessOs("linux"),
  "isReadySoon() is true when there is something to read, else false, soon",
  () => {
    using libc = openPtyLibc();
    using wait = new EchoWait();
    const pipe = libc.openPipe();
    assert.ok(pipe);
    assert.equal(wait.isReadySoon(pipe.readFd), false);
    libc.calls.write(pipe.writeFd, new Uint8Array(1), 1);
    assert.equal(wait.isReadySoon(pipe.readFd), true);
    [pipe.readFd, pipe.writeFd].forEach((fd) => libc.calls.close(fd));
  },
);

Deno.test("EchoHabit waits less and less often for a program that never echoes at once", () => {
  const habit = new EchoHabit();
  let waits = 0;
  for (let key = 0; key < 1000; key++) {
    if (!habit.isWorthIt) continue;
    waits++;
    habit.cameNot();
  }
  assert.ok(waits < 40, String(waits));
});

Deno.test("EchoHabit waits for every key again after an echo that came", () => {
  const habit = new EchoHabit();
  for (let key = 0; key < 100; key++) if (habit.isWorthIt) habit.cameNot();
  while (!habit.isWorthIt);
  habit.came();
  for (let key = 0; key < 10; key++) assert.equal(habit.isWorthIt, true);
});
