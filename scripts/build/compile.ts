/**
 * Builds km as one file for each target: the compiled file where `denort` can be had, else the portable one.
 * `deno task compile` is `compile_command.ts`.
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KmError } from "../../src/core/error.ts";
import type { Build } from "../../src/cli/build.ts";
import { DENO_VERSION } from "../../src/proc/deno_pins.ts";
import denoJson from "../../deno.json" with { type: "json" };
import { bundleApp } from "./bundle.ts";
import { compileApp, embedRuntime } from "./compiled.ts";
import { checkDenort } from "./denort.ts";
import { DENO_CACHE, pinnedDeno, sha256 } from "./get_deno.ts";
import { commitOf } from "./git.ts";
import { payloadHash } from "./payload_hash.ts";
import { packPortable } from "./portable.ts";
import { RUN_FLAGS } from "./permissions.ts";
import { fileName, type Target, TARGETS } from "./targets.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export type FileKind = "compiled" | "portable";

/** What the caller may decide about a build. */
export interface CompileOptions {
  readonly targets: readonly Target[];
  /** Folder for the files; made when it is missing. */
  readonly out: string;
  /** What is written into km beside its target; version and commit are those of the checkout when they are not given. */
  readonly stamp?: Partial<Omit<Build, "target">>;
  /** Compiled files carry Deno's executable for plugins; a portable one has it anyway. */
  readonly withRuntime?: boolean;
  /** This kind and no other; without it, whichever can be had. */
  readonly force?: FileKind;
  /** Tries a file for this machine before it takes its name; rejects when it is of no use. Nobody tries it by default. */
  readonly prove?: (path: string, version: string) => Promise<void>;
  /** Is told, once, why portable files are built; nobody by default. */
  readonly note?: (text: string) => void;
}

/** A built file. */
export interface BuiltFile {
  readonly target: Target;
  readonly kind: FileKind;
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** Of the bundle that is in it, in hex: names and contents. Not there for a file that was built elsewhere. */
  readonly payloadSha256?: string;
}

/** What became of each target. */
export interface BuildResult {
  readonly files: readonly BuiltFile[];
  readonly failures: readonly { readonly target: Target; readonly error: unknown }[];
}

/** Builds km for each target, sorted. @throws {KmError} unsupported, download_failed, not_trusted, usage: of the first that cannot be built */
export async function compileKm(options: CompileOptions): Promise<BuiltFile[]> {
  const { files, failures } = await compileEach(options);
  if (failures[0] !== undefined) throw failures[0].error;
  return [...files];
}

/** Builds what can be built. */
export async function compileEach(options: CompileOptions): Promise<BuildResult> {
  refuseOtherDeno();
  if (options.force !== "portable") await checkDenort();
  await Deno.mkdir(options.out, { recursive: true });
  // An exported checkout has no .git.
  const commit = await commitOf(ROOT).catch(() => null);
  const builder = new Builder(options);
  const files: BuiltFile[] = [];
  const failures: { target: Target; error: unknown }[] = [];
  for (const target of [...new Set(options.targets)].sort()) {
    try {
      files.push(
        await builder.build({
          version: denoJson.version,
          commit,
          baseUrl: null,
          releaseKeys: [],
          npmRegistry: null,
          ...options.stamp,
          target,
        }, target),
      );
    } catch (error) {
      failures.push({ target, error });
    }
  }
  return { files, failures };
}

/** One run of the build. */
class Builder {
  readonly #options: CompileOptions;
  /** Why denort cannot be had, once that was tried. */
  #noDenort: string | null = null;
  #noted = false;

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  async build(build: Build, target: Target): Promise<BuiltFile> {
    const { force, note } = this.#options;
    if (force !== "portable" && this.#noDenort === null) {
      const built = await this.#compiled(build, target);
      if ("path" in built) return built;
      this.#noDenort = built.noDenort;
    }
    if (force === "compiled" || TARGETS[target].os === "windows") {
      throw needsDenort(target, this.#noDenort ?? "not asked for");
    }
    const deno = await this.#denoFor(target);
    if (this.#noDenort !== null && !this.#noted) {
      note?.(`denort cannot be had (${this.#noDenort}): building the portable file`);
      this.#noted = true;
    }
    return await this.#portable(build, target, deno);
  }

  /** @throws {KmError} that says of both ways why they are closed */
  async #denoFor(target: Target): Promise<string> {
    try {
      return await pinnedDeno(target);
    } catch (cause) {
      if (!(cause instanceof KmError) || this.#noDenort === null) throw cause;
      const message = `${cause.message}; and denort cannot be had (${this.#noDenort})`;
      throw new KmError(cause.code, message, { ...cause.hint !== undefined && { hint: cause.hint }, cause });
    }
  }

  async #compiled(build: Build, target: Target): Promise<BuiltFile | { readonly noDenort: string }> {
    return await withFolder(async (work) => {
      await bundleApp(`${work}/app`, "main.ts", build);
      if (this.#options.withRuntime) await embedRuntime(`${work}/app`, await pinnedDeno(target));
      const payload = await payloadHash(`${work}/app`);
      const path = this.#pathOf(build, target);
      return await this.#beside(path, async (half) => {
        const failure = await compileApp(`${work}/app`, { target, path: resolve(half) });
        if (failure !== null) return failure;
        await this.#settle(half, path, build, target);
        return described({ target, kind: "compiled", path }, await Deno.readFile(path), payload);
      });
    });
  }

  async #portable(build: Build, target: Target, deno: string): Promise<BuiltFile> {
    return await withFolder(async (work) => {
      await bundleApp(`${work}/app`, "src/cli/portable_main.ts", build);
      const { version } = build;
      const options = { deno, version, target, flags: RUN_FLAGS, cache: DENO_CACHE };
      const bytes = await packPortable({ app: `${work}/app`, ...options });
      const path = this.#pathOf(build, target);
      const payload = await payloadHash(`${work}/app`);
      return await this.#beside(path, async (half) => {
        await Deno.writeFile(half, bytes, { mode: 0o755 });
        await this.#settle(half, path, build, target);
        return described({ target, kind: "portable", path }, bytes, payload);
      });
    });
  }

  /** Runs `make` with the path of a file beside `path`, which is gone when it did not take its place. */
  async #beside<T>(path: string, make: (half: string) => Promise<T>): Promise<T> {
    // deno compile adds ".exe" to what does not end with it.
    const half = path.replace(/(\.exe)?$/, `.${Deno.pid}.tmp$1`);
    try {
      return await make(half);
    } finally {
      await Deno.remove(half).catch(() => {});
    }
  }

  /** A km that runs keeps the file that it was started from, and a good file stays until there is a better one. */
  async #settle(half: string, path: string, { version }: Build, target: Target): Promise<void> {
    if (target === Deno.build.target) {
      await this.#options.prove?.(resolve(half), version).catch((cause: Error) => {
        throw new KmError("internal", `Cannot start "${path}": ${cause.message}`, { cause });
      });
    }
    await Deno.rename(half, path);
  }

  #pathOf({ version }: Build, target: Target): string {
    return `${this.#options.out}/${fileName(version, target)}`;
  }
}

function described(
  file: Pick<BuiltFile, "target" | "kind" | "path">,
  bytes: Uint8Array,
  payloadSha256: string,
): BuiltFile {
  return { ...file, bytes: bytes.length, sha256: sha256(bytes), payloadSha256 };
}

async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "km-build-" });
  try {
    return await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function needsDenort(target: Target, reason: string): KmError {
  const windows = TARGETS[target].os === "windows" ? " (the portable file starts with a shell script)" : "";
  return new KmError("unsupported", `Cannot build ${target} without denort${windows}: ${reason}`, {
    hint: `DENORT_BIN=<file> names the denort executable of Deno ${DENO_VERSION} for ${target}`,
  });
}

/** Another Deno makes other bytes, and km is tested with this one. */
function refuseOtherDeno(): void {
  if (Deno.version.deno === DENO_VERSION) return;
  throw new KmError(
    "unsupported",
    `Cannot build km with Deno ${Deno.version.deno}: it is built with ${DENO_VERSION}`,
    {
      hint: `npx -y deno@${DENO_VERSION} task compile`,
    },
  );
}
