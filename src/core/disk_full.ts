/** Is there no space left, of the disk's or of the user's share of it? @module */

/** True for such an error of the system. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}
