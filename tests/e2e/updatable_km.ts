/** An installed km that can be updated: built files, a signed release on a local server, a home and a folder of its own. @module */
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Build } from "../../src/cli/build.ts";
import { builtKm } from "../built.ts";
import { putRelease, type TestRelease } from "../fakes/release_folder.ts";
import { ReleaseServer } from "../fakes/release_server.ts";
import { testKey } from "../fakes/test_release_key.ts";
import { type Ended, runKm, Running, type RunOptions, TempFolder } from "./harness.ts";

/** The keys that the test builds believe: in use, next; and one that they do not know. */
export const [IN_USE, NEXT, STRANGER] = [testKey(1), testKey(2), testKey(3)];

/** What is installed first, and what is out. */
export const [OLD, NEW] = ["0.1.0", "0.2.0"] as const;

/** Unpacked files of all tests: 100 MB for each build, so they share them. */
const CACHE = fileURLToPath(new URL("../../.cache/tests/xdg", import.meta.url));

const builds = new Map<string, Promise<string>>();

/** A km of `version` that believes the test keys. Builds are shared by all tests, so the server's address comes by KM_BASE_URL. */
export function releasedKm(version: string, stamp: Partial<Build> = {}): Promise<string> {
  const all = {
    version,
    baseUrl: "https://km.invalid/releases",
    releaseKeys: [IN_USE.key, NEXT.key],
    ...stamp,
  };
  const key = JSON.stringify(all);
  const built = builds.get(key) ?? builtKm(all);
  builds.set(key, built);
  return built;
}

/** km OLD in `bin`, and NEW on the server. */
export class UpdatableKm implements AsyncDisposable {
  readonly #folder: TempFolder;
  readonly server: ReleaseServer;
  readonly home: string;
  readonly bin: string;
  readonly releases: string;
  /** The installed file. */
  readonly km: string;

  private constructor(folder: TempFolder) {
    this.#folder = folder;
    this.home = `${folder.path}/home`;
    this.bin = `${folder.path}/the bin`;
    this.releases = `${folder.path}/releases`;
    this.km = `${this.bin}/km`;
    for (const path of [this.bin, this.releases]) Deno.mkdirSync(path);
    this.server = new ReleaseServer(this.releases);
  }

  static async create(options: { readonly installed?: string } = {}): Promise<UpdatableKm> {
    const installed = options.installed ?? await releasedKm(OLD);
    const updatable = new UpdatableKm(new TempFolder());
    await copyFile(installed, updatable.km);
    return updatable;
  }

  /** Puts a release on the server; NEW by default. */
  async release(release: Partial<TestRelease> = {}): Promise<void> {
    const version = release.version ?? NEW;
    const file = release.file ?? await releasedKm(version);
    await putRelease(this.releases, {
      signer: IN_USE,
      version,
      file,
      baseUrl: this.server.baseUrl,
      ...release,
    });
  }

  /** A release whose file is a script. */
  async releaseScript(script: string, version: string = NEW): Promise<void> {
    const file = `${this.#folder.path}/script`;
    await Deno.writeTextFile(file, script, { mode: 0o755 });
    await this.release({ version, file });
  }

  /** The environment of all processes. */
  get env(): Record<string, string> {
    return {
      HOME: this.#folder.path,
      XDG_CACHE_HOME: CACHE,
      KM_BASE_URL: this.server.baseUrl,
      CI: "",
      KM_NO_UPDATE_CHECK: "",
    };
  }

  options(env: Readonly<Record<string, string>> = {}, command: readonly string[] = [this.km]): RunOptions {
    return { home: this.home, command, env: { ...this.env, ...env } };
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return await runKm(args, { ...this.options(env), timeoutMs: 90_000 });
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return new Running(args, this.options(env));
  }

  /** What the installed file says. */
  async version(): Promise<string> {
    return (await this.run(["--version"])).out.trim();
  }

  /** Names in the folder of the installed file. */
  files(): string[] {
    return Array.from(Deno.readDirSync(this.bin), ({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
