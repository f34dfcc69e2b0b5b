/**
 * Bundles km into one flat folder of JavaScript and assets: what every single file carries, however it is packed.
 *
 * `deno bundle` splits the code, so that a command loads no more than it needs, as in a checkout. It does not follow `new URL("./x.ts",
 * import.meta.url)`: workers are entries of their own, and the addresses are written anew.
 * @module
 */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Build } from "../../src/cli/build.ts";
import denoJson from "../../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Threads of km. Each is named in the code by `new URL` or `import.meta.resolve`. */
export const WORKERS = [
  "src/daemon/ingest_worker.ts",
  "src/daemon/query_worker.ts",
  "src/daemon/tail_worker.ts",
  "src/proc/relay_thread.ts",
  "src/recorder/recorder_worker.ts",
] as const;

/** Modules that a bundle has something else for. */
export const INSTEAD = {
  "src/cli/packages.ts": "scripts/build/packages_bundled.ts",
  "src/config/json_editor.ts": "scripts/build/json_editor_bundled.ts",
} as const;

/** Folders of files that are read at run time, by the folder they have beside the code. */
const ASSETS = { "src/api/static": "static" } as const;

/** Where a bundle starts: a compiled file with `main.ts`, the portable one with its own entry. */
export type Entry = "main.ts" | "src/cli/portable_main.ts";

/** Writes the bundle into `folder`, which must be empty or missing. */
export async function bundleApp(folder: string, entry: Entry, build: Build): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const work = await Deno.makeTempDir({ prefix: "km-bundle-" });
  try {
    await Deno.writeTextFile(`${work}/build.ts`, `export const BUILD = ${JSON.stringify(build)};\n`);
    const replaced = { ...INSTEAD, "src/cli/build.ts": `${work}/build.ts` };
    const imports = Object.fromEntries(
      Object.entries(replaced).map(([from, to]) => [fileUrl(from), fileUrl(to)]),
    );
    await Deno.writeTextFile(
      `${work}/imports.json`,
      JSON.stringify({ imports: { ...denoJson.imports, ...imports } }),
    );
    await runDeno([
      "bundle",
      "--quiet",
      "--platform=deno",
      "--code-splitting",
      "--minify",
      "--keep-names",
      `--import-map=${work}/imports.json`,
      "--frozen-lockfile",
      `--outdir=${work}/out`,
      entry,
      ...WORKERS,
    ]);
    await flatten(`${work}/out`, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  for (const [from, to] of Object.entries(ASSETS)) await copyFolder(`${ROOT}${from}`, `${folder}/${to}`);
}

function fileUrl(path: string): string {
  return new URL(path, `file://${ROOT}`).href;
}

/** Chunks lie at the top already; entries lie where their sources do, and import chunks by `../`. */
async function flatten(from: string, to: string): Promise<void> {
  for await (const path of walk(from)) {
    const code = await Deno.readTextFile(path);
    await Deno.writeTextFile(`${to}/${basename(path)}`, rewriteAddresses(code, path));
  }
}

function rewriteAddresses(code: string, path: string): string {
  const names = WORKERS.map((worker) => basename(worker, ".ts"));
  return code
    .replaceAll(/"(?:\.\.?\/)+([\w-]+\.js)"/g, '"./$1"')
    .replaceAll(
      /(new URL\(|import\.meta\.resolve\()"[./\w]*?(\w+)\.ts"/g,
      (whole, call: string, name: string) => {
        if (!names.includes(name)) throw new Error(`${path}: ${whole} is no known worker`);
        return `${call}"./${name}.js"`;
      },
    );
}

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* walk(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}

async function runDeno(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
