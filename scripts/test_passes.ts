/** What one `deno task test` runs: the tests as they are, and the end-to-end tests again with the portable file. @module */

/** One run of `deno test`. */
export interface TestPass {
  /** What the end-to-end tests drive. */
  readonly km: "source" | "portable file";
  /** Arguments of `deno test`, its own flags included. */
  readonly args: readonly string[];
}

/** Where tests lie, when nobody names a path. */
const TEST_FOLDERS = ["src", "plugins", "proto", "tests", "scripts"];

/** Asks for the pass with the portable file alone. */
const PORTABLE_FLAG = "--portable";

/**
 * Plans the passes for the command's arguments. `isPath` tells a path from the word of a flag, as the `prune` of `--filter prune`; `suite`
 * is what runs against the portable file. Who names paths gets one pass: with the source, or with `--portable`.
 */
export function planPasses(
  args: readonly string[],
  isPath: (arg: string) => boolean,
  suite: readonly string[],
): TestPass[] {
  const words = args.filter((arg) => arg !== PORTABLE_FLAG);
  const named = words.some((word) => !word.startsWith("-") && isPath(word));
  const source: TestPass = { km: "source", args: [...words, ...(named ? [] : TEST_FOLDERS)] };
  const portable: TestPass = { km: "portable file", args: [...words, ...(named ? [] : suite)] };
  if (words.length < args.length) return [portable];
  return named ? [source] : [source, portable];
}
