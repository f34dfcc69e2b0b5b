/** Runs this Deno for the build. @module */

/** Returns what it printed. @throws {Error} with its stderr when it fails */
export async function runDeno(args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`deno ${args[0]} failed:\n${new TextDecoder().decode(stderr).trim()}`);
}
