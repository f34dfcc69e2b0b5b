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
