/**
 * Tests that need something this machine may lack. The reason is part of the test's name, so that the runner's own report carries it
 * to the end of `deno task test`.
 * @module
 */

/** Registers a test; when `missing` says what is missing, it is skipped, counted, and listed at the end with that reason. */
export function testUnless(missing: string | null, name: string, run: () => void | Promise<void>): void {
  if (missing === null) Deno.test(name, run);
  else Deno.test({ name: `${name}${SKIP_MARK}${missing}`, ignore: true, fn: run });
}

/** Stands between a skipped test's name and the reason. */
export const SKIP_MARK = " -- skipped: ";

/** Says which of `programs` is not on PATH, or null when all are there. */
export function missingProgram(...programs: string[]): string | null {
  const missing = programs.filter((program) => findProgram(program) === null);
  return missing.length === 0 ? null : `no ${missing.join(", no ")} on PATH`;
}

/** Path of a program on PATH, or null. */
export function findProgram(program: string): string | null {
  const windows = Deno.build.os === "windows";
  for (const folder of (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":")) {
    for (const ending of windows ? [".exe", ".cmd", ""] : [""]) {
      const path = `${folder}/${program}${ending}`;
      if (isFile(path)) return path;
    }
  }
  return null;
}

/** Says that this is not `os`, or null when it is. */
export function unlessOs(...systems: (typeof Deno.build.os)[]): string | null {
  return systems.includes(Deno.build.os) ? null : `only on ${systems.join(" and ")}`;
}

/** Says that the user is not root, or null when he is. */
export function unlessRoot(): string | null {
  return Deno.build.os !== "windows" && Deno.uid() === 0 ? null : "needs root";
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
