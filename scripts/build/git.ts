/** What git says of a checkout. @module */

/** Runs git in `cwd` and returns what it printed, without the last line's end. @throws {Error} with git's own reason */
export async function git(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: [...args],
    cwd,
    env,
    stdin: "null",
  })
    .output();
  if (success) return new TextDecoder().decode(stdout).trimEnd();
  throw new Error(new TextDecoder().decode(stderr).trim().split("\n")[0]);
}

/** How many files are not as they were committed. New ones that are not ignored count: a build would take them in. @throws {Error} */
export async function countChanged(root: string): Promise<number> {
  const changed = await git(root, ["status", "--porcelain", "--untracked-files=all"]);
  return changed === "" ? 0 : changed.split("\n").length;
}

/**
 * The commit in hex, with "+" behind it when something is not as it was committed. A repository around `root` is not the one.
 * @throws {Error} outside of a checkout, or without git
 */
export async function commitOf(root: string): Promise<string> {
  const top = await git(root, ["rev-parse", "--show-toplevel"]);
  if (await Deno.realPath(top) !== await Deno.realPath(root)) {
    throw new Error(`${root} is in another checkout`);
  }
  return await git(root, ["rev-parse", "--verify", "HEAD"]) + (await countChanged(root) === 0 ? "" : "+");
}
