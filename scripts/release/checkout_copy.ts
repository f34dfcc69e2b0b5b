/** A copy of this checkout as it is, committed, for tests of what releases are made of. @module */
import { dirname } from "node:path";
import { git } from "../build/git.ts";
import { ROOT } from "./checkout.ts";
import type { Ended } from "../../tests/e2e/harness.ts";
import { runRelease } from "./fake_release.ts";

/** What a release needs of a checkout. */
const PARTS = [
  "scripts",
  "src",
  "plugins",
  "proto",
  "main.ts",
  "deno.json",
  "deno.lock",
  "CHANGELOG.md",
  ".gitignore",
];

/** Whoever commits, and when: nothing of the machine gets in. */
const COMMITTER = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "km",
  GIT_AUTHOR_EMAIL: "km@km.example",
  GIT_COMMITTER_NAME: "km",
  GIT_COMMITTER_EMAIL: "km@km.example",
};

/** A checkout of its own, in a folder that the caller removes. */
export class CheckoutCopy {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Copies what is there, committed or not, and commits it. */
  static async make(path: string): Promise<CheckoutCopy> {
    const copy = new CheckoutCopy(path);
    const list = await git(ROOT, [
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
      "--",
      ...PARTS,
    ]);
    for (const name of list.split("\0").filter((name) => name !== "")) {
      await Deno.mkdir(dirname(`${path}/${name}`), { recursive: true });
      // One that was removed is listed still.
      await Deno.copyFile(`${ROOT}${name}`, `${path}/${name}`).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
    await git(path, ["init", "-q"], COMMITTER);
    await copy.commit();
    return copy;
  }

  /** Commits all changes. */
  async commit(): Promise<void> {
    await git(this.path, ["add", "-A"], COMMITTER);
    await git(this.path, ["commit", "-q", "-m", "a state"], COMMITTER);
  }

  /** Writes a file. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
  }

  /** Runs its `scripts/release.ts`. */
  async release(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return await runRelease(args, { script: `${this.path}/scripts/release.ts`, env });
  }

  /** All that git holds of it, as one text. */
  async history(): Promise<string> {
    return await git(this.path, ["log", "-p", "--all"], COMMITTER);
  }
}
