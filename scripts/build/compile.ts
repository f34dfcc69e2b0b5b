/**
 * `deno task compile`: builds km as one file for each target, into `dist`.
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Build } from "../../src/cli/build.ts";
import denoJson from "../../deno.json" with { type: "json" };
import { bundleApp } from "./bundle.ts";
import { packPortable } from "./portable.ts";
import { RUN_FLAGS } from "./permissions.ts";
import type { Target } from "./targets.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the caller may decide about a build. */
export interface CompileOptions {
  readonly targets: readonly Target[];
  /** Folder for the files; made when it is missing. */
  readonly out: string;
  /** What is written into km beside its target; version and commit are those of the checkout when they are not given. */
  readonly stamp?: Partial<Omit<Build, "target">>;
}

/** A built file. */
export interface BuiltFile {
  readonly target: Target;
  readonly kind: "compiled" | "portable";
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Builds km for each target. @throws {Error} naming the target that cannot be built */
export async function compileKm({ targets, out, stamp = {} }: CompileOptions): Promise<BuiltFile[]> {
  await Deno.mkdir(out, { recursive: true });
  const files: BuiltFile[] = [];
  for (const target of targets) {
    const build: Build = {
      version: denoJson.version,
      commit: await commitOf(ROOT),
      baseUrl: null,
      releaseKeys: [],
      npmRegistry: null,
      ...stamp,
      target,
    };
    files.push(await buildPortable(target, out, build));
  }
  return files;
}

async function buildPortable(target: Target, out: string, build: Build): Promise<BuiltFile> {
  const work = await Deno.makeTempDir({ prefix: "km-build-" });
  try {
    await bundleApp(`${work}/app`, "src/cli/portable_main.ts", build);
    const bytes = await packPortable({
      app: `${work}/app`,
      deno: Deno.execPath(),
      version: build.version,
      target,
      flags: RUN_FLAGS,
    });
    const path = `${out}/km-${build.version}-${target}`;
    await Deno.writeFile(path, bytes, { mode: 0o755 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { target, kind: "portable", path, bytes: bytes.length, sha256 };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** HEAD, with "+" when tracked files were changed; null outside of a checkout. */
async function commitOf(root: string): Promise<string | null> {
  const git = async (...args: string[]) =>
    new TextDecoder().decode(
      (await new Deno.Command("git", { args, cwd: root, stderr: "null" }).output()).stdout,
    ).trim();
  try {
    const head = await git("rev-parse", "HEAD");
    if (!/^[0-9a-f]{40,64}$/.test(head)) return null;
    return head + ((await git("status", "--porcelain", "--untracked-files=no")) === "" ? "" : "+");
  } catch {
    return null; // There is no git.
  }
}

if (import.meta.main) {
  const files = await compileKm({ targets: [Deno.build.target as Target], out: "dist" });
  // deno-lint-ignore no-console -- a script
  for (const file of files) console.log(`${file.path}  ${file.bytes} bytes  sha256 ${file.sha256}`);
}
