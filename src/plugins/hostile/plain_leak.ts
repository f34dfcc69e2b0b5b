/**
 * What a sandbox is needed for: `deno run` without a permission reads any file that a static import names. Should that change, the recipe can be thought
 * over; as long as it stays, nothing of a plugin's may ever be the main module.
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runLimited } from "../../proc/run_limited.ts";

const PATIENCE_MS = 20_000;

/** What a plain run did. */
export interface PlainRun {
  /** It printed the secret of a file that it was not allowed to read. */
  readonly leaks: boolean;
  /** What it printed and said, for whom it did not. */
  readonly said: string;
}

/** Runs a plugin on `deno` as nobody should: as the main module, with every permission denied. */
export async function plainRunLeaks(deno: string): Promise<PlainRun> {
  const folder = await Deno.makeTempDir({ prefix: "km-plain-" });
  try {
    const secret = crypto.randomUUID();
    const [file, plugin] = [join(folder, "secret"), join(folder, "plugin.js")];
    await Deno.writeTextFile(file, secret);
    const specifier = JSON.stringify(pathToFileURL(file).href);
    await Deno.writeTextFile(
      plugin,
      `import text from ${specifier} with { type: "text" };\nconsole.log(text);\n`,
    );
    const argv = [deno, "run", "--no-prompt", "--deny-read", "--no-config", "--no-lock", plugin] as const;
    const env = {
      DENO_DIR: join(folder, "cache"),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      ...systemRoot(),
    };
    const { out, err } = await runLimited(argv, { env, timeoutMs: PATIENCE_MS });
    return { leaks: out.includes(secret), said: `${out}${err}`.trim() };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @throws {Error} when a plain run no longer leaks: Deno has changed, and the recipe's reasons with it */
export async function assertPlainRunLeaks(deno: string): Promise<void> {
  const { leaks, said } = await plainRunLeaks(deno);
  if (!leaks) throw new Error(`a plain "deno run" does not leak files any more: ${said}`);
}

/** Without it, Windows starts no program that uses sockets. */
function systemRoot(): Record<string, string> {
  return Deno.build.os === "windows" ? { SystemRoot: "C:\\Windows" } : {};
}
