/** Makes the compiled file: `deno compile` around a bundle. @module */
import { dirname } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { EMBEDDED_RUNTIME } from "../../src/proc/deno_pins.ts";
import { workerFiles } from "./bundle.ts";
import { denortEnvironment, denortRefusal } from "./denort.ts";
import { filesIn } from "./payload_hash.ts";
import { RUN_FLAGS } from "./permissions.ts";
import type { Target } from "./targets.ts";

/** Every embedded file's time: `deno compile` writes it down, and two builds must be one. Seconds since the Unix epoch: 2000-01-01. */
const FILE_TIME_SECONDS = 946_684_800;

/** 95.6 MB of Deno 2.9.6 become 36.2 MB in 2.4 s; level 19 makes 32.5 MB in 78 s (two cores, 2026-11-21). */
const RUNTIME_LEVEL = 9;

/** What went wrong, when it was nothing but denort. */
export interface NoDenort {
  readonly noDenort: string;
}

/**
 * Compiles the bundle in `app`, whose entry is `main.js`, into `path`.
 * @throws {KmError} usage when DENORT_BIN names nothing that fits
 * @throws {Error} with Deno's own words when it fails for another reason than denort
 */
export async function compileApp(
  app: string,
  options: { readonly target: Target; readonly path: string },
): Promise<NoDenort | null> {
  await settleTimes(app);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      ...RUN_FLAGS,
      "--no-check",
      // Names the place of its caches, whatever the file is called.
      "--app-name=km",
      `--target=${options.target}`,
      `--output=${options.path}`,
      // A worker is a module graph of its own; the folder brings the rest: chunks, assets, licences.
      ...workerFiles().map((name) => `--include=${name}`),
      "--include=.",
      "main.js",
    ],
    cwd: app,
    clearEnv: true,
    env: { ...await denortEnvironment(options.target), NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return null;
  const text = new TextDecoder().decode(stderr);
  const refusal = denortRefusal(text);
  if (refusal !== null) return { noDenort: refusal };
  throw new Error(`deno compile failed for ${options.target}:\n${text.trim()}`);
}

/** Puts Deno's executable into a bundle, for the plugins of a compiled km. */
export async function embedRuntime(app: string, deno: string): Promise<void> {
  const bytes = await promisify(zstdCompress)(await Deno.readFile(deno), {
    params: { [constants.ZSTD_c_compressionLevel]: RUNTIME_LEVEL },
  });
  const path = `${app}/${EMBEDDED_RUNTIME}`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
}

async function settleTimes(folder: string): Promise<void> {
  const files = await filesIn(folder);
  for (const name of new Set([...files, ...files.map(dirname)])) {
    await Deno.utime(`${folder}/${name}`, FILE_TIME_SECONDS, FILE_TIME_SECONDS);
  }
}
