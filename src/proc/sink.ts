/**
 * Writing to a file descriptor without ever blocking and without changing it for others.
 *
 * km's stdout belongs to the client too: O_NONBLOCK on it would change the client's own end of a shared description. So each kind of
 * descriptor gets the way that is non-blocking per call: sockets MSG_DONTWAIT, pipes a description of our own, the rest small writes
 * that poll said would fit.
 * @module
 */
import { EINTR, type Libc, O_RDWR, O_WRONLY, POLLERR, POLLHUP, POLLNVAL, POLLOUT } from "./libc.ts";

/** A place to write to. Addresses are those of memory that does not move. */
export interface Sink {
  /** The descriptor to poll for room, and for a reader that has gone. */
  readonly fd: number;
  /** Writes up to `length` bytes; returns how many were taken (0: no room now), or -1 when the reader has gone. */
  write(address: number, length: number): number;
  close(): void;
}

/** A sink over a pipe or socket end of our own (non-blocking where the system allows it to be set). */
export function ownSink(libc: Libc, fd: number): Sink {
  return isSocket(libc, fd) ? socketSink(libc, fd) : nonBlockingSink(libc, fd);
}

/** A sink over a descriptor that km inherited: 1 or 2. Closing it puts /dev/null in its place, so that the number stays taken. */
export function inheritedSink(libc: Libc, fd: number): Sink {
  const sink = sinkByKind(libc, fd);
  return {
    fd: sink.fd,
    write: sink.write,
    close: () => {
      if (sink.fd !== fd) sink.close();
      replaceByDevNull(libc, fd);
    },
  };
}

/** Puts /dev/null in the place of `fd` and of its duplicates: whoever holds the other end sees it closed. */
export function replaceByDevNull(libc: Libc, fd: number): void {
  const devNull = libc.open("/dev/null", O_RDWR);
  if (devNull < 0) return;
  for (const each of [fd, ...duplicatesOf(fd)]) libc.calls.dup2(devNull, each);
  libc.calls.close(devNull);
}

/** The runtime duplicates stdout once for each of its threads (seen in Deno 2.9.6), and `Deno.stdout.close()` closes none of them. */
function duplicatesOf(fd: number): number[] {
  const name = fileName(fd);
  // With 2>&1 km's stderr holds the other end open anyway.
  if (name === null || name === fileName(2)) return [];
  const fds = [...Deno.readDirSync("/dev/fd")].map((entry) => Number(entry.name));
  return fds.filter((each) => each > 2 && fileName(each) === name);
}

/** Which pipe or socket a descriptor leads to; null for all else. */
function fileName(fd: number): string | null {
  try {
    const { isFifo, isSocket, dev, ino } = Deno.statSync(`/dev/fd/${fd}`);
    return isFifo || isSocket ? `${dev}:${ino}` : null;
  } catch {
    return null; // It was closed meanwhile.
  }
}

function sinkByKind(libc: Libc, fd: number): Sink {
  if (isSocket(libc, fd)) return socketSink(libc, fd);
  if (isSeekable(libc, fd)) return blockingSink(libc, fd);
  // A pipe opened again by its /proc name is a new description, so that O_NONBLOCK is ours alone. On macOS it is a dup.
  if (libc.os === "linux" && libc.calls.isatty(fd) !== 1) {
    const reopened = libc.open(`/proc/self/fd/${fd}`, O_WRONLY | libc.constants.O_NONBLOCK);
    if (reopened >= 0) return nonBlockingSink(libc, reopened);
  }
  return boundedSink(libc, fd);
}

function isSocket(libc: Libc, fd: number): boolean {
  const { SOL_SOCKET, SO_TYPE } = libc.constants;
  return libc.calls.getsockopt(fd, SOL_SOCKET, SO_TYPE, new Int32Array(1), new Int32Array([4])) === 0;
}

/** Regular files and /dev/null: writing to them never waits for a reader. */
function isSeekable(libc: Libc, fd: number): boolean {
  return libc.calls.isatty(fd) !== 1 && Number(libc.calls.lseek(fd, 0n, 1)) >= 0;
}

/** What a failed call means: 0 for "no room now", -1 for "gone", null for "again". */
function failed(libc: Libc): 0 | -1 | null {
  const errno = libc.errno();
  if (errno === EINTR) return null;
  return errno === libc.constants.EAGAIN ? 0 : -1;
}

function nonBlockingSink(libc: Libc, fd: number): Sink {
  const { write } = libc.calls;
  return sinkOver(libc, fd, (address, length) => write(fd, address, length));
}

function socketSink(libc: Libc, fd: number): Sink {
  const { send } = libc.calls;
  const flags = libc.constants.MSG_DONTWAIT | libc.constants.MSG_NOSIGNAL;
  return sinkOver(libc, fd, (address, length) => send(fd, address, length, flags));
}

function blockingSink(libc: Libc, fd: number): Sink {
  return nonBlockingSink(libc, fd);
}

/** For a descriptor that blocks: asks for room first, then writes no more than always fits. */
function boundedSink(libc: Libc, fd: number): Sink {
  const { poll, write } = libc.calls;
  const { PIPE_BUF } = libc.constants;
  const asked = new Int32Array(new SharedArrayBuffer(8));
  const address = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(asked)));
  asked[0] = fd;
  return sinkOver(libc, fd, (from, length) => {
    asked[1] = POLLOUT;
    poll(address, 1, 0);
    const returned = (asked[1] ?? 0) >>> 16;
    if (returned & POLLOUT) return write(fd, from, Math.min(length, PIPE_BUF));
    return returned & (POLLERR | POLLHUP | POLLNVAL) ? -2 : 0;
  });
}

/** Calls `writeOnce` until all is written or there is no room. -2 from it means "gone", without an errno. */
function sinkOver(libc: Libc, fd: number, writeOnce: (address: number, length: number) => number): Sink {
  return {
    fd,
    write(address, length) {
      let written = 0;
      while (written < length) {
        const count = writeOnce(address + written, length - written);
        if (count > 0) {
          written += count;
        } else {
          const meaning = count === 0 ? 0 : count === -2 ? -1 : failed(libc);
          if (meaning === -1) return -1;
          if (meaning === 0) return written;
        }
      }
      return written;
    },
    close: () => void libc.calls.close(fd),
  };
}
