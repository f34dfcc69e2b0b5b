/**
 * The few functions of libc that the relay and the spawn need, by FFI, on Linux and macOS.
 *
 * Addresses and sizes travel as numbers (`usize`) and counts come back as `i32`: both keep V8's fast calls and make no
 * BigInt on the hot path. Every count asked for is far below 2 GiB, so the low 32 bits of the result are the result.
 * @module
 */

const SYMBOLS = {
  poll: { parameters: ["usize", "usize", "i32"], result: "i32" },
  read: { parameters: ["i32", "usize", "usize"], result: "i32" },
  write: { parameters: ["i32", "usize", "usize"], result: "i32" },
  send: { parameters: ["i32", "usize", "usize", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  isatty: { parameters: ["i32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  getppid: { parameters: [], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32", nonblocking: true },
  sigemptyset: { parameters: ["buffer"], result: "i32" },
  sigaddset: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawnp: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "pointer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setpgroup: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Only on Linux: pipe2 and fcntl (variadic, which Apple's arm64 passes differently), open, environ. */
const LINUX_SYMBOLS = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  setpriority: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sched_setscheduler: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  gettid: { parameters: [], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
  environ: { type: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

const DARWIN_SYMBOLS = {
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  pthread_set_qos_class_self_np: { parameters: ["i32", "i32"], result: "i32" },
  __error: { parameters: [], result: "pointer" },
  _NSGetEnviron: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * The calls with addresses and sizes as numbers. Deno's types ask for bigint, its FFI takes both, and only numbers cost
 * no allocation (an address in user space has 47 bits, a safe integer).
 */
export type CallsOf<Symbols extends Deno.ForeignLibraryInterface> = {
  readonly [Name in keyof Deno.DynamicLibrary<Symbols>["symbols"]]:
    Deno.DynamicLibrary<Symbols>["symbols"][Name] extends (...parameters: infer List) => infer Result
      ? (...parameters: WithNumbers<List>) => Result
      : never;
};
type Calls = CallsOf<typeof SYMBOLS>;
type WithNumbers<List extends readonly unknown[]> = {
  [Index in keyof List]: List[Index] extends bigint ? number | bigint : List[Index];
};

/** Numbers that differ between the two systems. Checked against <errno.h>, <sys/socket.h>, <fcntl.h>, <spawn.h>. */
export interface Constants {
  readonly EAGAIN: number;
  readonly O_NONBLOCK: number;
  readonly O_CLOEXEC: number;
  readonly SOL_SOCKET: number;
  readonly SO_TYPE: number;
  readonly MSG_DONTWAIT: number;
  readonly MSG_NOSIGNAL: number;
  /** Largest write to a pipe that never blocks after POLLOUT. */
  readonly PIPE_BUF: number;
  readonly SPAWN_CLOEXEC_DEFAULT: number;
  readonly RLIMIT_CORE: number;
}

export const CONSTANTS: Readonly<Record<"linux" | "darwin", Constants>> = {
  linux: {
    EAGAIN: 11,
    O_NONBLOCK: 0o4000,
    O_CLOEXEC: 0o2000000,
    SOL_SOCKET: 1,
    SO_TYPE: 3,
    MSG_DONTWAIT: 0x40,
    MSG_NOSIGNAL: 0x4000,
    PIPE_BUF: 4096,
    SPAWN_CLOEXEC_DEFAULT: 0,
    RLIMIT_CORE: 4,
  },
  darwin: {
    EAGAIN: 35,
    O_NONBLOCK: 0x4,
    O_CLOEXEC: 0x1000000,
    SOL_SOCKET: 0xffff,
    SO_TYPE: 0x1008,
    MSG_DONTWAIT: 0x80,
    // SIGPIPE is ignored in the whole process (Rust's runtime does it), so a flag that macOS lacks is not missed.
    MSG_NOSIGNAL: 0,
    PIPE_BUF: 512,
    SPAWN_CLOEXEC_DEFAULT: 0x4000,
    RLIMIT_CORE: 4,
  },
};

/** The same on both systems. */
export const POLLIN = 0x1, POLLOUT = 0x4, POLLERR = 0x8, POLLHUP = 0x10, POLLNVAL = 0x20;
export const ENOENT = 2, EINTR = 4, ENOEXEC = 8, EACCES = 13;
export const O_RDWR = 2, O_WRONLY = 1;
const F_SETFL = 4, F_SETPIPE_SZ = 1031;
/**
 * Capacity of our own pipes on Linux, whose default is 64 KiB: with room for several reads the three processes of a pipeline wait less for
 * each other (300-byte lines in `deno task bench:relay`). A user's pipes may hold 64 MiB in all.
 */
const PIPE_BYTES = 256 * 1024;
/** A "process" of setpriority(2) is a thread on Linux. @see setpriority(2), "C library/kernel differences" */
const PRIO_PROCESS = 0;
/** A policy of sched(7). */
const SCHED_IDLE = 5;
/** Apple's class for work that the user does not wait for. @see pthread_set_qos_class_self_np(3) */
const QOS_CLASS_UTILITY = 0x11;
const AF_UNIX = 1, SOCK_STREAM = 1;

/** libc, open in this thread. Disposing of it unloads the library: only tests need to. */
export interface Libc extends Disposable {
  readonly os: "linux" | "darwin";
  readonly constants: Constants;
  readonly calls: Calls;
  /** The `errno` of this thread's last failed call. */
  errno(): number;
  /** The process's environment as C has it: byte for byte what km was given. */
  environ(): Deno.PointerValue;
  /** Lowers the priority of the calling thread by `nice` steps, or, given one, of thread `tid` (Linux only). */
  lowerThread(nice: number, tid?: number): void;
  /** Gives thread `tid` a processor only while nobody else wants it, and takes it away at once (Linux only). @see sched(7), SCHED_IDLE */
  idleThread(tid: number): void;
  /** Id of the calling thread; 0 where threads have none. */
  threadId(): number;
  /** Opens `path`; -1 with errno on failure. */
  open(path: string, flags: number): number;
  /** A one-way channel, both ends close-on-exec in `posix_spawn`; the end named is non-blocking where that is possible. */
  channel(nonBlocking: "read" | "write"): { readonly readFd: number; readonly writeFd: number };
}

/** Opens libc. @throws {TypeError|Deno.errors.NotCapable} when there is none that fits or FFI is not permitted */
export function openLibc(): Libc {
  if (Deno.build.os === "linux") return openLinux();
  if (Deno.build.os === "darwin") return openDarwin();
  throw new TypeError(`No libc known for ${Deno.build.os}`);
}

function openLinux(): Libc {
  const library = Deno.dlopen("libc.so.6", { ...SYMBOLS, ...LINUX_SYMBOLS });
  const { symbols } = library;
  const constants = CONSTANTS.linux;
  const errno = errnoReader(symbols.__errno_location());
  return {
    os: "linux",
    constants,
    // Why a cast is right here: see Calls.
    calls: symbols as unknown as Calls,
    errno,
    [Symbol.dispose]: () => library.close(),
    environ: () => pointerAt(symbols.environ),
    lowerThread: (nice, tid = 0) => void symbols.setpriority(PRIO_PROCESS, tid, nice),
    // Its parameter, sched_priority, must be 0.
    idleThread: (tid) => void symbols.sched_setscheduler(tid, SCHED_IDLE, new Int32Array(1)),
    threadId: () => symbols.gettid(),
    open: (path, flags) => symbols.open(cString(path), flags | constants.O_CLOEXEC, 0),
    channel: (nonBlocking) => {
      const fds = new Int32Array(2);
      if (symbols.pipe2(fds, constants.O_CLOEXEC) !== 0) {
        throw new Error(`Cannot make a pipe: errno ${errno()}`);
      }
      const [readFd = -1, writeFd = -1] = fds;
      symbols.fcntl(nonBlocking === "read" ? readFd : writeFd, F_SETFL, constants.O_NONBLOCK);
      // What is refused (pipe-user-pages-soft, pipe-max-size) leaves the pipe as it is.
      symbols.fcntl(readFd, F_SETPIPE_SZ, PIPE_BYTES);
      return { readFd, writeFd };
    },
  };
}

/** Written from Apple's headers; not run on a Mac yet (README, "Not verified"). */
function openDarwin(): Libc {
  const library = Deno.dlopen("libSystem.B.dylib", { ...SYMBOLS, ...DARWIN_SYMBOLS });
  const { symbols } = library;
  const errno = errnoReader(symbols.__error());
  return {
    os: "darwin",
    constants: CONSTANTS.darwin,
    // Why a cast is right here: see Calls.
    calls: symbols as unknown as Calls,
    errno,
    [Symbol.dispose]: () => library.close(),
    environ: () => pointerAt(symbols._NSGetEnviron()),
    lowerThread: (_nice, tid = 0) =>
      void (tid === 0 && symbols.pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)),
    idleThread: () => {},
    threadId: () => 0,
    // The mode argument is variadic, and unused without O_CREAT.
    open: (path, flags) => symbols.open(cString(path), flags | CONSTANTS.darwin.O_CLOEXEC, 0),
    // A socket pair, because non-blocking calls on it need no fcntl: MSG_DONTWAIT says it per call.
    channel: () => {
      const fds = new Int32Array(2);
      if (symbols.socketpair(AF_UNIX, SOCK_STREAM, 0, fds) !== 0) {
        throw new Error(`Cannot make a socket pair: errno ${errno()}`);
      }
      const [readFd = -1, writeFd = -1] = fds;
      return { readFd, writeFd };
    },
  };
}

/** What a `char **` variable at `address` holds: a static symbol is the variable's address, not its value. */
function pointerAt(address: Deno.PointerValue): Deno.PointerValue {
  return address === null
    ? null
    : Deno.UnsafePointer.create(new Deno.UnsafePointerView(address).getBigUint64());
}

function errnoReader(at: Deno.PointerValue): () => number {
  if (at === null) return () => 0;
  const view = new Deno.UnsafePointerView(at);
  return () => view.getInt32();
}

/** `text` as a NUL-terminated string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** Address of `memory`, as a number. Shared memory never moves, so the address holds while it lives. */
export function addressOf(memory: SharedArrayBuffer): number {
  return Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(memory))));
}
