import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { EPOLL_EVENT_WORDS } from "./pty_epoll.ts";
import { PTY_CONSTANTS } from "./pty_libc.ts";

Deno.test("PTY_CONSTANTS are those of the systems' headers", () => {
  verifies("pty-systems");
  // <fcntl.h>, <sys/ioctl.h>, <spawn.h>, <signal.h>, <errno.h>, <termios.h> of glibc 2.36 (x86_64, aarch64) and of macOS 15's SDK.
  assert.deepEqual(PTY_CONSTANTS.linux, {
    EAGAIN: 11,
    O_NOCTTY: 256,
    O_NONBLOCK: 2048,
    OPENPT_FLAGS: 524288 + 2048,
    TIOCSWINSZ: 21524,
    TIOCGPGRP: 21519,
    SPAWN_SETSID: 128,
    SPAWN_CLOEXEC_DEFAULT: 0,
    SIGSTOP: 19,
    ENOSPC: 28,
    TERMIOS_BYTES: 60,
    IFLAG_BYTES: 4,
    ICANON: 2,
  });
  assert.deepEqual(PTY_CONSTANTS.darwin, {
    EAGAIN: 35,
    O_NOCTTY: 131072,
    O_NONBLOCK: 4,
    OPENPT_FLAGS: 0,
    // _IOW('t', 103, struct winsize) and _IOR('t', 119, int): direction, size << 16, group << 8, number.
    TIOCSWINSZ: 0x80000000 + (8 << 16) + (0x74 << 8) + 103,
    TIOCGPGRP: 0x40000000 + (4 << 16) + (0x74 << 8) + 119,
    SPAWN_SETSID: 1024,
    SPAWN_CLOEXEC_DEFAULT: 16384,
    SIGSTOP: 17,
    ENOSPC: 28,
    TERMIOS_BYTES: 72,
    IFLAG_BYTES: 8,
    ICANON: 256,
  });
});

Deno.test("EPOLL_EVENT_WORDS are those of struct epoll_event, packed on x86_64 alone", () => {
  assert.deepEqual(EPOLL_EVENT_WORDS, { x86_64: { size: 3, data: 1 }, aarch64: { size: 4, data: 2 } });
});
