/**
 * Descriptors that whoever started km left open: a program that km starts would inherit them, and a plugin that reached one would have reached what
 * is behind it. Those of km's own are closed in children already.
 * @module
 */

const FOLDERS = { linux: "/proc/self/fd", darwin: "/dev/fd" } as const;
const LIBRARIES = { linux: "libc.so.6", darwin: "libSystem.B.dylib" } as const;
/** `ioctl(fd, FIOCLEX)` takes no third argument: unlike fcntl it is called alike on every processor, Apple's included. @see <sys/ioctl.h>, <sys/filio.h> */
const FIOCLEX = { linux: 0x5451n, darwin: 0x20006601n } as const;
const SYMBOLS = { ioctl: { parameters: ["i32", "usize"], result: "i32" } } as const;

/** Marks every descriptor but stdin, stdout and stderr as closed in programs that this process starts. Where it cannot be done, all stays as it was. */
export function keepFromChildren(): void {
  const { os } = Deno.build;
  if (os !== "linux" && os !== "darwin") return;
  try {
    const library = Deno.dlopen(LIBRARIES[os], SYMBOLS);
    try {
      for (const { name } of Deno.readDirSync(FOLDERS[os])) {
        const fd = Number(name);
        if (fd > 2) library.symbols.ioctl(fd, FIOCLEX[os]);
      }
    } finally {
      library.close();
    }
  } catch {
    // No /proc, or no FFI.
  }
}

/** A pipe that programs inherit, as careless parents of km leave some open. For the proof that a plugin gets none. */
export interface InheritablePipe extends Disposable {
  readonly readFd: number;
}

/** Makes one with `text` in it; null where there is no FFI, or no such thing. */
export function inheritablePipe(text: string): InheritablePipe | null {
  const { os } = Deno.build;
  if (os !== "linux" && os !== "darwin") return null;
  try {
    const library = Deno.dlopen(LIBRARIES[os], PIPE_SYMBOLS);
    const { symbols } = library;
    const fds = new Int32Array(2);
    const bytes = new TextEncoder().encode(text);
    if (symbols.pipe(fds) !== 0) return null;
    const [readFd = -1, writeFd = -1] = fds;
    symbols.write(writeFd, bytes, BigInt(bytes.length));
    return {
      readFd,
      [Symbol.dispose]() {
        symbols.close(readFd);
        symbols.close(writeFd);
        library.close();
      },
    };
  } catch {
    return null;
  }
}

const PIPE_SYMBOLS = {
  pipe: { parameters: ["buffer"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;
