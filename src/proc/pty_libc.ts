/**
 * What pseudo terminals need of libc, by FFI, on Linux and macOS. Only the master side is touched here: what a terminal does is the kernel's.
 *
 * Addresses and sizes travel as numbers, as in `libc.ts`: that keeps V8's fast calls and makes no BigInt on the hot path.
 * @module
 */
import type { CallsOf } from "./libc.ts";
import type { LineMode } from "./pty.ts";

/** Numbers that differ between the two systems. Checked against <fcntl.h>, <sys/ioctl.h>, <spawn.h>, <signal.h>, <termios.h>. */
export interface PtyConstants {
  readonly EAGAIN: number;
  readonly O_NOCTTY: number;
  readonly O_NONBLOCK: number;
  /** What posix_openpt takes beside O_RDWR and O_NOCTTY: macOS refuses more, there fcntl has to follow. */
  readonly OPENPT_FLAGS: number;
  readonly TIOCSWINSZ: number;
  readonly TIOCGPGRP: number;
  readonly SPAWN_SETSID: number;
  readonly SPAWN_CLOEXEC_DEFAULT: number;
  readonly SIGSTOP: number;
  readonly ENOSPC: number;
  /** Size of `struct termios`, and of its first field, `c_iflag`. */
  readonly TERMIOS_BYTES: number;
  readonly IFLAG_BYTES: 4 | 8;
  /** In `c_lflag`, the fourth field, as long as the first. */
  readonly ICANON: number;
}

export const PTY_CONSTANTS: Readonly<Record<"linux" | "darwin", PtyConstants>> = {
  linux: {
    EAGAIN: 11,
    O_NOCTTY: 0o400,
    O_NONBLOCK: 0o4000,
    // posix_openpt hands its flags to open("/dev/ptmx"): close-on-exec and non-blocking from the first instant.
    OPENPT_FLAGS: 0o2000000 | 0o4000,
    TIOCSWINSZ: 0x5414,
    TIOCGPGRP: 0x540f,
    SPAWN_SETSID: 0x80,
    SPAWN_CLOEXEC_DEFAULT: 0,
    SIGSTOP: 19,
    ENOSPC: 28,
    TERMIOS_BYTES: 60,
    IFLAG_BYTES: 4,
    ICANON: 0x2,
  },
  darwin: {
    EAGAIN: 35,
    O_NOCTTY: 0x20000,
    O_NONBLOCK: 0x4,
    OPENPT_FLAGS: 0,
    TIOCSWINSZ: 0x80087467,
    TIOCGPGRP: 0x40047477,
    SPAWN_SETSID: 0x400,
    SPAWN_CLOEXEC_DEFAULT: 0x4000,
    SIGSTOP: 17,
    ENOSPC: 28,
    TERMIOS_BYTES: 72,
    IFLAG_BYTES: 8,
    ICANON: 0x100,
  },
};

/** The same on both systems. */
export const ENOENT = 2, EINTR = 4, EIO = 5, E2BIG = 7, ENOMEM = 12, ENFILE = 23, EMFILE = 24;
export const O_RDWR = 2;
export const SIGKILL = 9;
export const WNOHANG = 1;
const F_SETFD = 2, F_SETFL = 4, FD_CLOEXEC = 1;
/** Input is UTF-8: the kernel's line editing erases whole characters. */
const IUTF8 = 0x4000;
/** In `c_lflag`, on both systems. */
const ECHO = 0x8;

const SYMBOLS = {
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  read: { parameters: ["i32", "usize", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  pipe: { parameters: ["buffer"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  sigemptyset: { parameters: ["buffer"], result: "i32" },
  sigfillset: { parameters: ["buffer"], result: "i32" },
  sigdelset: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_addopen: { parameters: ["buffer", "i32", "buffer", "i32", "u32"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const LINUX_SYMBOLS = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
  // glibc 2.34. Before it, only what is close-on-exec stays out of the child: all of our own.
  posix_spawn_file_actions_addclosefrom_np: { parameters: ["buffer", "i32"], result: "i32", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

const DARWIN_SYMBOLS = {
  __error: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Functions with `...`: Apple's arm64 passes what stands there on the stack, where arguments lie once 8 registers are full. */
const DARWIN_ARM_SYMBOLS = {
  fcntl: { parameters: ["i32", "i32", "i64", "i64", "i64", "i64", "i64", "i64", "i64"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "i64", "i64", "i64", "i64", "i64", "i64", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
const DARWIN_INTEL_SYMBOLS = {
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Calls = CallsOf<typeof SYMBOLS>;

/** libc, open for terminals. Disposing of it unloads the library. */
export interface PtyLibc extends Disposable {
  readonly constants: PtyConstants;
  readonly calls: Calls;
  /** The `errno` of this thread's last failed call. */
  errno(): number;
  ioctl(fd: number, request: number, argument: Uint8Array<ArrayBuffer>): number;
  /** Makes `fd` close-on-exec and non-blocking, where opening it could not say so. */
  setFlags(fd: number): void;
  /** A pipe, both ends close-on-exec and non-blocking; null with errno on failure. */
  openPipe(): { readonly readFd: number; readonly writeFd: number } | null;
  /** Tells posix_spawn to close everything from `fd` on in the child, where the system can. */
  closeFrom(actions: Uint8Array<ArrayBuffer>, fd: number): void;
}

/** Opens libc. @throws {TypeError|Deno.errors.NotCapable} when there is none that fits or FFI is not permitted */
export function openPtyLibc(): PtyLibc {
  if (Deno.build.os === "linux") return openLinux();
  if (Deno.build.os === "darwin") return openDarwin();
  throw new TypeError(`No pseudo terminals known for ${Deno.build.os}`);
}

function openLinux(): PtyLibc {
  const library = Deno.dlopen("libc.so.6", { ...SYMBOLS, ...LINUX_SYMBOLS });
  const { symbols } = library;
  const constants = PTY_CONSTANTS.linux;
  return {
    constants,
    // Why a cast is right here: see Calls.
    calls: symbols as unknown as Calls,
    errno: errnoReader(symbols.__errno_location()),
    // usize, given as a number: see Calls.
    ioctl: symbols.ioctl as unknown as PtyLibc["ioctl"],
    setFlags: () => {},
    openPipe: () => {
      const fds = new Int32Array(2);
      if (symbols.pipe2(fds, constants.OPENPT_FLAGS) !== 0) return null;
      const [readFd = -1, writeFd = -1] = fds;
      return { readFd, writeFd };
    },
    closeFrom: (actions, fd) => void symbols.posix_spawn_file_actions_addclosefrom_np?.(actions, fd),
    [Symbol.dispose]: () => library.close(),
  };
}

/** Written from Apple's headers; not run on a Mac yet (README, "Not verified"). */
function openDarwin(): PtyLibc {
  const library = Deno.dlopen("libSystem.B.dylib", { ...SYMBOLS, ...DARWIN_SYMBOLS });
  const { symbols } = library;
  const constants = PTY_CONSTANTS.darwin;
  const variadic = openDarwinVariadic();
  const setFlags = (fd: number) => {
    variadic.fcntl(fd, F_SETFD, FD_CLOEXEC);
    variadic.fcntl(fd, F_SETFL, O_RDWR | constants.O_NONBLOCK);
  };
  return {
    constants,
    // Why a cast is right here: see Calls.
    calls: symbols as unknown as Calls,
    errno: errnoReader(symbols.__error()),
    ioctl: variadic.ioctl,
    setFlags,
    openPipe: () => {
      const fds = new Int32Array(2);
      if (symbols.pipe(fds) !== 0) return null;
      fds.forEach(setFlags);
      const [readFd = -1, writeFd = -1] = fds;
      return { readFd, writeFd };
    },
    closeFrom: () => {}, // SPAWN_CLOEXEC_DEFAULT closes all that no file action names.
    [Symbol.dispose]: () => {
      variadic.close();
      library.close();
    },
  };
}

interface DarwinVariadic {
  fcntl(fd: number, command: number, argument: number): number;
  readonly ioctl: PtyLibc["ioctl"];
  close(): void;
}

function openDarwinVariadic(): DarwinVariadic {
  if (Deno.build.arch !== "aarch64") {
    const library = Deno.dlopen("libSystem.B.dylib", DARWIN_INTEL_SYMBOLS);
    const { fcntl, ioctl } = library.symbols;
    return {
      fcntl: (fd, command, argument) => fcntl(fd, command, BigInt(argument)),
      ioctl: (fd, request, argument) => ioctl(fd, BigInt(request), argument),
      close: () => library.close(),
    };
  }
  const library = Deno.dlopen("libSystem.B.dylib", DARWIN_ARM_SYMBOLS);
  const { fcntl, ioctl } = library.symbols;
  return {
    fcntl: (fd, command, argument) => fcntl(fd, command, 0n, 0n, 0n, 0n, 0n, 0n, BigInt(argument)),
    ioctl: (fd, request, argument) => ioctl(fd, BigInt(request), 0n, 0n, 0n, 0n, 0n, 0n, argument),
    close: () => library.close(),
  };
}

/** Makes the terminal behind `fd` take UTF-8: the one thing that a fresh terminal of the kernel gets wrong today. */
export function setUtf8Input(libc: PtyLibc, fd: number): void {
  const termios = new DataView(new ArrayBuffer(libc.constants.TERMIOS_BYTES));
  const bytes = new Uint8Array(termios.buffer);
  if (libc.calls.tcgetattr(fd, bytes) !== 0) return;
  if (libc.constants.IFLAG_BYTES === 4) termios.setUint32(0, termios.getUint32(0, true) | IUTF8, true);
  else termios.setBigUint64(0, termios.getBigUint64(0, true) | BigInt(IUTF8), true);
  libc.calls.tcsetattr(fd, 0, /* TCSANOW */ bytes);
}

/** How the terminal behind `fd` is read; null: it does not tell. */
export function readLineMode(libc: PtyLibc, fd: number): LineMode | null {
  const { TERMIOS_BYTES, IFLAG_BYTES, ICANON } = libc.constants;
  const bytes = new Uint8Array(TERMIOS_BYTES);
  if (libc.calls.tcgetattr(fd, bytes) !== 0) return null;
  // Its low half, where both flags are, comes first on every processor that km runs on.
  const flags = new DataView(bytes.buffer).getUint32(3 * IFLAG_BYTES, true);
  return { isLineByLine: (flags & ICANON) !== 0, hasEcho: (flags & ECHO) !== 0 };
}

function errnoReader(at: Deno.PointerValue): () => number {
  if (at === null) return () => 0;
  const view = new Deno.UnsafePointerView(at);
  return () => view.getInt32();
}
