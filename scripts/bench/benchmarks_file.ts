/** BENCHMARKS.md: each bench keeps a section of its own between markers. @module */
import { join } from "node:path";

/** The file at the top of the repository. */
export const BENCHMARKS_PATH = join(import.meta.dirname as string, "../../BENCHMARKS.md");

/** Replaces the section of `bench` (`relay` for `deno task bench:relay`) in `path`, or appends it; everything else in the file stays. */
export async function writeSection(path: string, bench: string, report: string): Promise<void> {
  const old = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "# Benchmarks\n";
    throw error;
  });
  const begin = `<!-- bench:${bench} begin -->`;
  const end = `<!-- bench:${bench} end -->`;
  const section = `${begin}\n\n${report.trim()}\n\n${end}`;
  const from = old.indexOf(begin);
  const to = old.indexOf(end);
  const text = from >= 0 && to > from
    ? old.slice(0, from) + section + old.slice(to + end.length)
    : `${old.trimEnd()}\n\n${section}\n`;
  await Deno.writeTextFile(path, text);
}
