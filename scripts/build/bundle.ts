/**
 * Bundles km into one flat folder of JavaScript and assets: what every single file carries, however it is packed.
 *
 * `deno bundle` splits the code, so that a command loads no more than it needs, as in a checkout. It does not follow `new URL("./x.ts",
 * import.meta.url)`: workers are entries of their own, and the addresses are written anew.
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Build } from "../../src/cli/build.ts";
import denoJson from "../../deno.json" with { type: "json" };
import { nameByContent } from "./chunk_names.ts";
import { dashboardPackages, LICENSES_FILE, licensesText, packagesOf } from "./licenses.ts";
import { filesIn } from "./payload_hash.ts";
import { runDeno } from "./run_deno.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Threads of km. Each is named in the code by `new URL` or `import.meta.resolve`. */
export const WORKERS = [
  "src/daemon/ingest_worker.ts",
  "src/daemon/query_worker.ts",
  "src/daemon/tail_worker.ts",
  "src/proc/relay_thread.ts",
  "src/recorder/recorder_worker.ts",
  "src/sessions/sessions_worker.ts",
] as const;

/** Modules that a bundle has something else for. */
export const INSTEAD = {
  "src/cli/packages.ts": "scripts/build/packages_bundled.ts",
  "src/config/json_editor.ts": "scripts/build/json_editor_bundled.ts",
  "src/plugins/sandbox/lexer_package.ts": "scripts/build/lexer_bundled.ts",
} as const;

/**
 * Packages of which a bundler must be told the file. What their `module` names, which Deno itself does not look at, is not there
 * (headless), or has no default export (unicode11), and Deno needs one of a CommonJS module.
 */
const PACKAGE_FILES = {
  "@xterm/headless": "lib-headless/xterm-headless.js",
  "@xterm/addon-unicode11": "lib/addon-unicode11.js",
} as const;

/** The module that says where a build comes from; each bundle has its own. */
export const BUILD_MODULE = "src/cli/build.ts";

/** Folders of files that are read at run time, by the folder they have beside the code. */
export const ASSETS = { "src/api/static": "static", "src/plugins/assets": "assets" } as const;

/** Where a bundle starts: a compiled file with `main.ts`, the portable one with its own entry. */
export type Entry = "main.ts" | "src/cli/portable_main.ts";

/** What a bundle was made of. */
export interface Bundled {
  /** Absolute paths of the modules whose code is in it, sorted. */
  readonly sources: readonly string[];
}

/** Names of the workers' files in a bundle. */
export function workerFiles(): string[] {
  return WORKERS.map((worker) => `${basename(worker, ".ts")}.js`);
}

/** Writes the bundle into `folder`, which must be empty or missing. */
export async function bundleApp(folder: string, entry: Entry, build: Build): Promise<Bundled> {
  await Deno.mkdir(folder, { recursive: true });
  const work = await Deno.realPath(await Deno.makeTempDir({ prefix: "km-bundle-" }));
  try {
    const imports = await writeImportMap(work, build);
    await runDeno([
      "bundle",
      "--quiet",
      "--platform=deno",
      "--code-splitting",
      // Not --minify: the esbuild of Deno 2.9.6 drops what `using x = …` does at the end of its block where x is used once, so that locks are
      // not given back and files stay open (github.com/evanw/esbuild/issues/4482). Compressed, the bundle is a hundredth of what is built.
      // The maps say what went into the bundle; they stay behind.
      "--sourcemap=external",
      `--import-map=${imports}`,
      "--frozen-lockfile",
      `--outdir=${work}/out`,
      entry,
      ...WORKERS,
    ], ROOT);
    await flatten(`${work}/out`, folder);
    const sources = await sourcesOf(`${work}/out`);
    const packages = [...packagesOf(sources), ...await dashboardPackages()];
    await Deno.writeTextFile(`${folder}/${LICENSES_FILE}`, await licensesText(packages));
    for (const [from, to] of Object.entries(ASSETS)) await copyFolder(`${ROOT}${from}`, `${folder}/${to}`);
    return { sources };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function writeImportMap(work: string, build: Build): Promise<string> {
  await Deno.writeTextFile(`${work}/build.ts`, `export const BUILD = ${JSON.stringify(build)};\n`);
  const imports: Record<string, string> = {
    [fileUrl(BUILD_MODULE)]: pathToFileURL(`${work}/build.ts`).href,
  };
  for (const [from, to] of Object.entries(INSTEAD)) imports[fileUrl(from)] = fileUrl(to);
  for (const [name, file] of Object.entries(PACKAGE_FILES)) {
    imports[name] = `${denoJson.imports[name as keyof typeof PACKAGE_FILES]}/${file}`; // as: its own keys
  }
  const path = `${work}/imports.json`;
  await Deno.writeTextFile(path, JSON.stringify({ imports: { ...denoJson.imports, ...imports } }));
  return path;
}

function fileUrl(path: string): string {
  return new URL(path, pathToFileURL(ROOT)).href;
}

/** Chunks lie at the top already; entries lie where their sources do, and import chunks by `../`. */
async function flatten(from: string, to: string): Promise<void> {
  const files = new Map<string, string>();
  for (const name of await filesIn(from)) {
    if (!name.endsWith(".js")) continue;
    files.set(basename(name), rewriteAddresses(await Deno.readTextFile(`${from}/${name}`), name));
  }
  for (const [name, code] of nameByContent(files)) await Deno.writeTextFile(`${to}/${name}`, code);
}

function rewriteAddresses(code: string, path: string): string {
  const names = WORKERS.map((worker) => basename(worker, ".ts"));
  return code
    // Where each module lay on the machine that builds: no two machines would build the same.
    .replaceAll(/^\/\/ [\w@+./-]+\.(?:[cm]?[jt]sx?|json)\n/gm, "")
    .replaceAll(/^ {2}"[\w@+./-]*\/npm\/[^/"]+\/([\w@+./-]+)"(?=\()/gm, '  "$1"')
    .replaceAll(/"(?:\.\.?\/)+([\w.-]+\.js)"/g, '"./$1"')
    .replaceAll(
      /(new URL\(|import\.meta\.resolve\()"[./\w]*?(\w+)\.ts"/g,
      (whole, call: string, name: string) => {
        if (!names.includes(name)) throw new Error(`${path}: ${whole} is no known worker`);
        return `${call}"./${name}.js"`;
      },
    );
}

/** The modules behind every output, by its source map. A package that has one itself is known by the comment above its code alone. */
async function sourcesOf(folder: string): Promise<string[]> {
  const found = new Set<string>();
  for (const name of await filesIn(folder)) {
    const path = `${folder}/${name}`;
    if (name.endsWith(".js")) {
      const code = await Deno.readTextFile(path);
      for (const [, file = ""] of code.matchAll(/^\/\/ ([\w@+./-]+\/npm\/[\w@+./-]+)$/gm)) {
        found.add(resolve(ROOT, file));
      }
    }
    if (!name.endsWith(".map")) continue;
    const { sources } = JSON.parse(await Deno.readTextFile(path)) as { sources: string[] };
    for (const source of sources) found.add(resolve(dirname(path), source));
  }
  return [...found].sort();
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}
