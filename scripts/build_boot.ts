/**
 * `deno task build:boot`: bundles what runs a plugin in its sandbox (`src/plugins/bootstrap`) into `src/plugins/assets/boot.js`, which is
 * committed, so that every km has the same bytes. A test builds it again and fails when it differs.
 *
 * Not minified: it is the code that a user trusts with code that he does not.
 * @module
 */
import { fileURLToPath } from "node:url";
import { runDeno } from "./build/run_deno.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Where it is committed. */
export const BOOT_FILE: string = fileURLToPath(new URL("../src/plugins/assets/boot.js", import.meta.url));

if (import.meta.main) await buildBoot(BOOT_FILE);

/** Writes the bundle to `path`. */
export async function buildBoot(path: string): Promise<void> {
  const args = ["bundle", "--quiet", "--platform=deno", "--frozen-lockfile", `--output=${path}`];
  await runDeno([...args, "src/plugins/bootstrap/main.ts"], ROOT);
  const code = await Deno.readTextFile(path);
  // Where each module lay on the machine that built it: no two machines would build the same.
  await Deno.writeTextFile(path, code.replaceAll(/^\/\/ [\w@+./-]+\.(?:[cm]?[jt]sx?|json)\n/gm, ""));
}
