/** Who km's parent is, asked anew each time: `Deno.ppid` is read once. @module */
import { openLibc } from "./libc.ts";

/** Returns a function that reads the parent's process id, or null where it cannot be asked. */
export function parentPidReader(): (() => number) | null {
  try {
    const { calls } = openLibc();
    return () => calls.getppid();
  } catch {
    return null;
  }
}
