/**
 * `deno task build:web`: bundles the dashboard (`src/web`) into `src/api/static`, which is committed, so that a checkout serves it without a build.
 * A test builds it again and fails when it differs.
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

if (import.meta.main) await buildWeb(`${ROOT}src/api/static`);

/** Writes `index.html`, `icon.svg`, `app.js` and `app.css` into `folder`. */
export async function buildWeb(folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform",
      "browser",
      "--minify",
      `--outdir=${folder}`,
      "src/web/main.tsx",
    ],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  for (const kind of ["js", "css"]) await Deno.rename(`${folder}/main.${kind}`, `${folder}/app.${kind}`);
  for (const file of ["index.html", "icon.svg"]) {
    await Deno.copyFile(`${ROOT}src/web/${file}`, `${folder}/${file}`);
  }
}
