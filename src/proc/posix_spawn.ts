/**
 * Starts the server with `posix_spawnp`: about 1 ms, precise errors, an environment passed on byte for byte, a process
 * group of its own, signals as a program expects them. `Deno.Command` has pipes that only the event loop can read.
 * @see POSIX.1-2024, posix_spawn @module
 */
import { KmError } from "../core/error.ts";
import { commandNotExecutable, commandNotFound, findOnPath } from "./command.ts";
import { cString, EACCES, ENOENT, ENOEXEC, type Libc } from "./libc.ts";

/** A started process and our ends of its three streams. */
export interface SpawnedProcess {
  /** Also the id of its process group. */
  readonly pid: number;
  readonly stdinFd: number;
  readonly stdoutFd: number;
  readonly stderrFd: number;
}

const SETPGROUP = 0x02, SETSIGDEF = 0x04, SETSIGMASK = 0x08;
const SIGPIPE = 13;
/** Room for glibc's and Apple's posix_spawn structures and sigset_t (the largest is glibc's attr: 336 bytes). */
const STRUCT_BYTES = 1024;

/**
 * Starts `argv` in its own process group with fresh streams. `searchPath` is the PATH that errors name.
 * @throws {KmError} command_not_found, command_not_executable
 */
export function spawnServer(libc: Libc, argv: readonly string[], searchPath: string): SpawnedProcess {
  const stdin = libc.channel("write");
  const stdout = libc.channel("read");
  const stderr = libc.channel("read");
  const childEnds = [stdin.readFd, stdout.writeFd, stderr.writeFd];
  const ourEnds = [stdin.writeFd, stdout.readFd, stderr.readFd];
  try {
    const pid = spawn(libc, argv, childEnds, searchPath);
    return { pid, stdinFd: stdin.writeFd, stdoutFd: stdout.readFd, stderrFd: stderr.readFd };
  } catch (error) {
    for (const fd of ourEnds) libc.calls.close(fd);
    throw error;
  } finally {
    for (const fd of childEnds) libc.calls.close(fd);
  }
}

function spawn(libc: Libc, argv: readonly string[], fds: readonly number[], searchPath: string): number {
  const [command = ""] = argv;
  const result = tryspawn(libc, command, argv, fds);
  if (result.errno === 0) return result.pid;
  if (result.errno === ENOEXEC) {
    // A script without "#!": execvp, which every client uses, runs it with sh; posix_spawnp does not.
    const script = findOnPath(command, searchPath) ?? command;
    const retry = tryspawn(libc, "/bin/sh", ["/bin/sh", script, ...argv.slice(1)], fds);
    if (retry.errno === 0) return retry.pid;
  }
  if (result.errno === ENOENT || command === "") throw commandNotFound(command, searchPath);
  if (result.errno === EACCES) throw commandNotExecutable(command);
  throw new KmError("command_not_executable", `Cannot start "${command}": errno ${result.errno}`);
}

function tryspawn(
  libc: Libc,
  path: string,
  argv: readonly string[],
  fds: readonly number[],
): { readonly pid: number; readonly errno: number } {
  const { calls } = libc;
  const attributes = new Uint8Array(STRUCT_BYTES);
  const actions = new Uint8Array(STRUCT_BYTES);
  const signals = new Uint8Array(STRUCT_BYTES);
  const pid = new Int32Array(1);
  calls.posix_spawnattr_init(attributes);
  calls.posix_spawn_file_actions_init(actions);
  try {
    calls.posix_spawnattr_setflags(
      attributes,
      SETPGROUP | SETSIGDEF | SETSIGMASK | libc.constants.SPAWN_CLOEXEC_DEFAULT,
    );
    calls.posix_spawnattr_setpgroup(attributes, 0);
    calls.sigemptyset(signals);
    calls.posix_spawnattr_setsigmask(attributes, signals);
    // Only SIGPIPE: the runtime ignores it, and a server must not inherit that. Others stay as km was given them (nohup).
    calls.sigaddset(signals, SIGPIPE);
    calls.posix_spawnattr_setsigdefault(attributes, signals);
    fds.forEach((fd, target) => calls.posix_spawn_file_actions_adddup2(actions, fd, target));
    const argvMemory = pointerArray(argv);
    const errno = calls.posix_spawnp(
      pid,
      cString(path),
      actions,
      attributes,
      argvMemory.pointers,
      libc.environ(),
    );
    return { pid: pid[0] as number, errno };
  } finally {
    calls.posix_spawnattr_destroy(attributes);
    calls.posix_spawn_file_actions_destroy(actions);
  }
}

/** A C `char *argv[]`. The strings are returned too: they must stay reachable while C reads them. */
function pointerArray(
  words: readonly string[],
): { pointers: BigUint64Array<ArrayBuffer>; strings: Uint8Array[] } {
  const strings = words.map(cString);
  const pointers = new BigUint64Array(words.length + 1);
  strings.forEach((bytes, i) => pointers[i] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes))));
  return { pointers, strings };
}
