import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { POLLIN, POLLOUT } from "./libc.ts";
import { openEpollSet } from "./pty_epoll.ts";
import { openPtyLibc, type PtyLibc } from "./pty_libc.ts";
import { PtyLoop, type ReadySet } from "./pty_loop.ts";
import { openPollSet } from "./pty_poll.ts";

const SETS: Readonly<Record<string, (libc: PtyLibc) => ReadySet | null>> = {
  openPollSet,
  ...(Deno.build.os === "linux" ? { openEpollSet } : {}),
};
const unlessUnix = unlessOs("linux", "darwin");

/** A loop and `count` pipes. */
async function withPipes(
  open: (libc: PtyLibc) => ReadySet | null,
  count: number,
  use: (
    loop: PtyLoop,
    pipes: readonly { readFd: number; writeFd: number }[],
    libc: PtyLibc,
  ) => Promise<void>,
): Promise<void> {
  using libc = openPtyLibc();
  const set = open(libc);
  assert.ok(set);
  const pipes = Array.from({ length: count }, () => libc.openPipe()).filter((pipe) => pipe !== null);
  {
    await using loop = new PtyLoop(set);
    await use(loop, pipes, libc);
  }
  for (const { readFd, writeFd } of pipes) [readFd, writeFd].forEach((fd) => libc.calls.close(fd));
}

for (const [name, open] of Object.entries(SETS)) {
  testUnless(unlessUnix, `${name}() tells each of many, and of what they want only`, async () => {
    await withPipes(open, 100, async (loop, pipes, libc) => {
      const told = await Promise.all(pipes.map(({ readFd, writeFd }, at) => {
        const { promise, resolve } = Promise.withResolvers<number>();
        const fd = at % 2 === 0 ? readFd : writeFd;
        const place = loop.join({
          ready: (events) => {
            place.leave();
            resolve(events);
          },
        }, fd);
        place.want(at % 2 === 0 ? POLLIN : POLLOUT);
        if (at % 2 === 0) libc.calls.write(writeFd, new Uint8Array(1), 1);
        return promise;
      }));
      assert.deepEqual(new Set(told.filter((_, at) => at % 2 === 0)), new Set([POLLIN]));
      assert.deepEqual(new Set(told.filter((_, at) => at % 2 === 1)), new Set([POLLOUT]));
    });
  });

  testUnless(unlessUnix, `${name}() takes changes while a wait is under way`, async () => {
    await withPipes(open, 2, async (loop, [first, second], libc) => {
      assert.ok(first && second);
      const order: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const quiet = loop.join({ ready: () => order.push("quiet") }, first.readFd);
      quiet.want(POLLIN);
      await new Promise((resolve) => setTimeout(resolve, 0)); // The wait is under way.
      quiet.want(0);
      libc.calls.write(first.writeFd, new Uint8Array(1), 1);
      const late = loop.join({
        ready: () => {
          order.push("late");
          late.leave();
          resolve();
        },
      }, second.readFd);
      late.want(POLLIN);
      libc.calls.write(second.writeFd, new Uint8Array(1), 1);
      await promise;
      const again = Promise.withResolvers<void>();
      const place = loop.join({ ready: () => again.resolve() }, second.readFd); // The slot that `late` had.
      place.want(POLLIN);
      await again.promise;
      assert.ok(!order.slice(1).includes("quiet"), order.join());
      quiet.leave();
      place.leave();
    });
  });
}
