/**
 * `deno task build:web`: bundles the dashboard (`src/web`) into `src/api/static`, which is committed, so that a checkout serves it without a build.
 * A test builds it again and fails when it differs.
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Each is one script and one sheet of styles. The second is loaded by the pages that show terminals, when they are opened. */
const BUNDLES = [
  { entry: "src/web/main.tsx", made: "main", name: "app" },
  { entry: "src/web/sessions/terminal/terminal_chunk.ts", made: "terminal_chunk", name: "terminal" },
] as const;

if (import.meta.main) await buildWeb(`${ROOT}src/api/static`);

/** Writes `index.html`, `icon.svg` and the bundles' files into `folder`. */
export async function buildWeb(folder: string): Promise<void> {
  for (const { entry, made, name } of BUNDLES) {
    await bundle(entry, folder);
    for (const kind of ["js", "css"]) {
      await Deno.rename(`${folder}/${made}.${kind}`, `${folder}/${name}.${kind}`);
    }
  }
  for (const file of ["index.html", "icon.svg"]) {
    await Deno.copyFile(`${ROOT}src/web/${file}`, `${folder}/${file}`);
  }
}

async function bundle(entry: string, folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", `--outdir=${folder}`, entry],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
