/**
 * The terminal on stdin, made raw in both directions: nothing that is typed is looked at, nothing that is written is changed. Deno's own `setRaw`
 * lets the terminal go on making CR LF of each line feed, by which a program's screen goes wrong.
 * @module
 */

const SYMBOLS = {
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  cfmakeraw: { parameters: ["buffer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** More than `struct termios` has on any system. */
const TERMIOS_BYTES = 256;
const STDIN = 0;
/** At once: a terminal that does not read what it was sent must not be waited for. */
const TCSANOW = 0;

/** Makes it raw; what is returned makes it what it was before. */
export function makeRaw(): () => void {
  const calls = openCalls();
  const before = new Uint8Array(TERMIOS_BYTES);
  if (calls === null || calls.tcgetattr(STDIN, before) !== 0) {
    Deno.stdin.setRaw(true);
    return () => Deno.stdin.setRaw(false);
  }
  const raw = before.slice();
  calls.cfmakeraw(raw);
  calls.tcsetattr(STDIN, TCSANOW, raw);
  return () => void calls.tcsetattr(STDIN, TCSANOW, before);
}

/** Null: not by FFI here. */
function openCalls(): Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | null {
  if (Deno.build.os !== "linux" && Deno.build.os !== "darwin") return null;
  try {
    return Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6", SYMBOLS).symbols;
  } catch {
    return null;
  }
}
