/** Bundles of km for tests, as every built file carries one. @module */
import type { Build } from "../src/cli/build.ts";
import { bundleApp, type Bundled, type Entry } from "../scripts/build/bundle.ts";
import { RUN_FLAGS } from "../scripts/build/permissions.ts";
import { hostTarget } from "../scripts/build/targets.ts";
import { TempFolder } from "./e2e/harness.ts";

/** What is stamped into them. */
export const TEST_BUILD: Build = {
  version: "1.2.3",
  commit: "0123456789abcdef0123456789abcdef01234567",
  target: hostTarget(),
  baseUrl: null,
  releaseKeys: [],
  npmRegistry: null,
};

/** A bundle in a folder of its own, with an empty cache of Deno's. Removed when disposed of. */
export class TestBundle implements Disposable {
  readonly folder: string;
  readonly sources: Bundled["sources"];
  readonly #temp: TempFolder;

  private constructor(temp: TempFolder, { sources }: Bundled) {
    this.#temp = temp;
    this.folder = `${temp.path}/app`;
    this.sources = sources;
  }

  static async make(entry: Entry = "main.ts"): Promise<TestBundle> {
    const temp = new TempFolder();
    return new TestBundle(temp, await bundleApp(`${temp.path}/app`, entry, TEST_BUILD));
  }

  /** Runs it as the portable file does, from `main.js`; `env` keeps Deno from every package of this machine. */
  get command(): readonly string[] {
    return [Deno.execPath(), "run", ...RUN_FLAGS, `${this.folder}/main.js`];
  }

  get env(): Readonly<Record<string, string>> {
    return { DENO_DIR: `${this.#temp.path}/deno_dir` };
  }

  [Symbol.dispose](): void {
    this.#temp[Symbol.dispose]();
  }
}
