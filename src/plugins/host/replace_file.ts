/** Files that are replaced often and need not outlive a power cut. @module */

/** Puts a file with `text` (0600) in the place of what is there: readers see the old one or the new one. @throws what the system says */
export function replaceFile(path: string, text: string): void {
  const unfinished = `${path}.${Deno.pid}.tmp`;
  try {
    Deno.writeTextFileSync(unfinished, text, { mode: 0o600 });
    Deno.renameSync(unfinished, path);
  } catch (error) {
    // The disk may be full; on Windows a reader may hold the old one.
    removeIfThere(unfinished);
    throw error;
  }
}

/** Removes a file; one that is not there is as good. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is gone, or in the way of nothing but itself.
  }
}
