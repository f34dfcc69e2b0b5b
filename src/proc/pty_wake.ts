/** Ends a wait that is under way on another thread. @module */
import type { PtyLibc } from "./pty_libc.ts";

/** A pipe to ourselves, whose read end is waited for with everything else. */
export interface WakePipe {
  readonly readFd: number;
  /** Makes the read end ready, until reset(). */
  wake(): void;
  reset(): void;
  close(): void;
}

/** Null with errno when there is no descriptor left. */
export function openWakePipe(libc: PtyLibc): WakePipe | null {
  const pipe = libc.openPipe();
  if (!pipe) return null;
  const { readFd, writeFd } = pipe;
  const byte = new Uint8Array(1);
  const byteAt = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(byte)));
  let isWoken = false;
  return {
    readFd,
    wake: () => {
      if (isWoken) return;
      isWoken = true;
      libc.calls.write(writeFd, byte, 1);
    },
    reset: () => {
      if (isWoken) libc.calls.read(readFd, byteAt, 1);
      isWoken = false;
    },
    close: () => {
      libc.calls.close(readFd);
      libc.calls.close(writeFd);
    },
  };
}
