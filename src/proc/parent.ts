/** Whether km's parent still lives. @module */
import { openLibc } from "./libc.ts";

/**
 * Returns a function that says whether the parent of this call has gone: somebody else has adopted km since. Null where it cannot be asked.
 * Call it first of all: a client may die while km still starts.
 */
export function parentGoneReader(): (() => boolean) | null {
  const first = Deno.ppid;
  try {
    const { calls } = openLibc();
    // `Deno.ppid` itself is read only once.
    return () => calls.getppid() !== first;
  } catch {
    return null;
  }
}
