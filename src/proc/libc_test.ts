import assert from "node:assert/strict";
import { CONSTANTS, openLibc } from "./libc.ts";

const unixOnly = { ignore: Deno.build.os === "windows" };

Deno.test("CONSTANTS are those of the systems' headers", () => {
  // <fcntl.h>, <sys/socket.h>, <limits.h>, <errno.h>, <spawn.h> of glibc 2.36 (x86_64, aarch64) and of macOS 15's SDK.
  assert.deepEqual(CONSTANTS.linux, {
    EAGAIN: 11,
    O_NONBLOCK: 2048,
    O_CLOEXEC: 524288,
    SOL_SOCKET: 1,
    SO_TYPE: 3,
    MSG_DONTWAIT: 64,
    MSG_NOSIGNAL: 16384,
    PIPE_BUF: 4096,
    SPAWN_CLOEXEC_DEFAULT: 0,
    RLIMIT_CORE: 4,
  });
  assert.deepEqual(CONSTANTS.darwin, {
    EAGAIN: 35,
    O_NONBLOCK: 4,
    O_CLOEXEC: 16777216,
    SOL_SOCKET: 65535,
    SO_TYPE: 4104,
    MSG_DONTWAIT: 128,
    MSG_NOSIGNAL: 0,
    PIPE_BUF: 512,
    SPAWN_CLOEXEC_DEFAULT: 16384,
    RLIMIT_CORE: 4,
  });
});

Deno.test("openLibc() makes a channel whose named end does not block", unixOnly, () => {
  using libc = openLibc();
  const { readFd, writeFd } = libc.channel("read");
  const memory = new SharedArrayBuffer(8);
  const address = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(memory))));
  assert.equal(libc.calls.read(readFd, address, 8), -1);
  assert.equal(libc.errno(), libc.constants.EAGAIN);
  new Uint8Array(memory).set([1, 2, 3]);
  assert.equal(libc.calls.write(writeFd, address, 3), 3);
  assert.equal(libc.calls.read(readFd, address, 8), 3);
  libc.calls.close(readFd);
  libc.calls.close(writeFd);
});
