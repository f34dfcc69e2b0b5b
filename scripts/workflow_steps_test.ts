/** Steps of release.yml that can be run here: with a repository of their own, and programs in the place of gh and npm. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { DENO_VERSION } from "../src/proc/deno_pins.ts";
import { ROOT, TempFolder } from "../tests/e2e/harness.ts";
import { missingPackages } from "../tests/e2e/real_programs.ts";
import { missingProgram, testUnless } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";
import { parseWorkflow } from "../tests/workflow_rules.ts";
import { sha256 } from "./build/get_deno.ts";

const RELEASE = Deno.readTextFileSync(`${ROOT}.github/workflows/release.yml`);

testUnless(
  missingProgram("git", "bash", "node") ?? missingPackages(),
  "announce: a newer version takes the pages, a beta or older one adds its manifests, twice is once, changed pages are left",
  async () => {
    verifies("release-workflows");
    const { jobs } = parseWorkflow(RELEASE);
    const script = jobs.announce?.steps?.find(({ run }) => run?.includes("git push"))?.run ?? "";
    using pages = await Pages.make();
    const announce = (tag: string, files: readonly string[], signedFor?: string) =>
      pages.announce(script, { tag, files, ...signedFor === undefined ? {} : { signedFor } });
    const all = ["SHA256SUMS", "beta.json", "install.sh", "km-1.0.0-x", "stable.json", "v1.0.0.json"];
    equal((await announce("v1.0.0", all)).code, 0);
    const first = [".nojekyll", "SHA256SUMS", "beta.json", "install.sh", "stable.json", "v1.0.0.json"];
    deepEqual(await pages.tree(), first);
    match((await announce("v1.0.0", all, "of before")).out, /announced already/);
    equal(
      (await announce("v1.1.0-beta.1", ["SHA256SUMS", "beta.json", "install.sh", "v1.1.0-beta.1.json"])).code,
      0,
    );
    equal((await announce("v0.9.1", ["SHA256SUMS", "install.sh", "v0.9.1.json"])).code, 0);
    deepEqual(await pages.tree(), [...first, "v0.9.1.json", "v1.1.0-beta.1.json"].sort());
    equal(await pages.show("install.sh"), "v1.0.0");
    equal(await pages.show("beta.json"), "v1.1.0-beta.1");
    const late = await announce("v2.0.0", ["stable.json"], "of before");
    equal(late.code, 1);
    match(late.out, /^km: error: Cannot announce v2\.0\.0: the pages were changed after it was signed/m);
    equal(await pages.show("stable.json"), "v1.0.0");
  },
);

/** What gh says of a release, its checksums, how the step ends and what it has gh do. */
const DRAFTS: readonly (readonly [string, string, number, readonly string[]])[] = [
  ["exit 1", "", 0, ["release create v1.0.0 --draft"]],
  ["echo true", "", 0, ["release delete v1.0.0 --yes", "release create v1.0.0 --draft"]],
  ["echo false", "sums", 0, ["release download v1.0.0"]],
  ["echo false", "others", 1, ["release download v1.0.0"]],
];

testUnless(
  missingProgram("bash", "cmp", "node") ?? missingPackages(),
  "draft: a draft is made anew, what is published stays, and is refused when it is another",
  async () => {
    verifies("release-workflows");
    const { draft } = parseWorkflow(RELEASE).jobs;
    const script = draft?.steps?.find(({ run }) => run?.includes("gh release create"))?.run ?? "";
    for (const [view, published, code, expected] of DRAFTS) {
      using temp = new TempFolder();
      const gh = `#!/bin/sh
echo "$*" >>"${temp.path}/log"
case $2 in view) ${view} ;; download) mkdir published; echo ${published} >published/SHA256SUMS ;; esac
`;
      await Deno.writeTextFile(`${temp.path}/gh`, gh, { mode: 0o755 });
      await Deno.mkdir(`${temp.path}/dist`);
      await Deno.writeTextFile(`${temp.path}/dist/SHA256SUMS`, "sums\n");
      const env = { PATH: `${temp.path}:${Deno.env.get("PATH")}`, TAG: "v1.0.0" };
      const args = ["-e", "-o", "pipefail", "-c", script];
      const ended = await new Deno.Command("bash", { args, cwd: temp.path, env }).output();
      equal(ended.code, code, new TextDecoder().decode(ended.stderr));
      const log = (await Deno.readTextFile(`${temp.path}/log`)).trim().split("\n").slice(1);
      deepEqual(log.map((line, at) => line.slice(0, expected[at]?.length)), expected);
    }
  },
);

/** A repository with a branch gh-pages, as the runner of the job has it. */
class Pages implements Disposable {
  readonly #temp = new TempFolder();

  static async make(): Promise<Pages> {
    const pages = new Pages();
    await pages.#git("init", "--quiet", "--bare", "origin");
    await pages.#git("clone", "--quiet", "origin", "pages");
    for (
      const args of [["checkout", "--quiet", "-b", "gh-pages"], [
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "-",
      ]]
    ) {
      await pages.#git("-C", "pages", "-c", "user.name=km", "-c", "user.email=km@km.example", ...args);
    }
    await pages.#git("-C", "pages", "push", "--quiet", "origin", "HEAD:gh-pages");
    return pages;
  }

  /** Runs the step with a release of `files` whose content is the tag. */
  async announce(
    script: string,
    { tag, files, signedFor }: { tag: string; files: readonly string[]; signedFor?: string },
  ): Promise<{ code: number; out: string }> {
    const path = this.#temp.path;
    for (const folder of ["dist", "pages"]) {
      await Deno.remove(`${path}/${folder}`, { recursive: true }).catch(() => {});
    }
    await this.#git("clone", "--quiet", "--branch", "gh-pages", "origin", "pages");
    await Deno.mkdir(`${path}/dist`);
    for (const name of files) await Deno.writeTextFile(`${path}/dist/${name}`, tag);
    const SIGNED_FOR = signedFor ?? (await this.#git("-C", "pages", "rev-parse", "HEAD")).trim();
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      ...{ args: ["-e", "-o", "pipefail", "-c", script], cwd: path, env: { TAG: tag, SIGNED_FOR } },
    }).output();
    return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  }

  async tree(): Promise<string[]> {
    return (await this.#git("-C", "origin", "ls-tree", "--name-only", "gh-pages")).trim().split("\n").sort();
  }

  async show(name: string): Promise<string> {
    return await this.#git("-C", "origin", "show", `gh-pages:${name}`);
  }

  async #git(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: this.#temp.path })
      .output();
    ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  [Symbol.dispose](): void {
    this.#temp[Symbol.dispose]();
  }
}

testUnless(
  missingProgram("sh", "sha256sum"),
  "pinned_deno.sh puts the pinned Deno there, and nothing when its hash is another",
  async () => {
    verifies("release-workflows");
    using temp = new TempFolder();
    const folder = temp.path;
    await Deno.mkdir(`${folder}/scripts/release`, { recursive: true });
    await Deno.mkdir(`${folder}/src/proc`, { recursive: true });
    const fake =
      `#!/bin/sh\nmkdir -p "$3/node_modules/@deno/linux-x64-glibc"\necho "$8" >"$3/node_modules/@deno/linux-x64-glibc/deno"\n`;
    await Deno.writeTextFile(`${folder}/npm`, fake, { mode: 0o755 });
    await Deno.copyFile(`${ROOT}scripts/release/pinned_deno.sh`, `${folder}/scripts/release/pinned_deno.sh`);
    const pins = Deno.readTextFileSync(`${ROOT}src/proc/deno_pins.ts`);
    const asked = `@deno/linux-x64-glibc@${DENO_VERSION}\n`;
    const put = async (sha256: string, out: string) => {
      const text = pins.replace(/(linux-gnu[^}]*sha256: ")[0-9a-f]{64}/, `$1${sha256}`);
      await Deno.writeTextFile(`${folder}/src/proc/deno_pins.ts`, text);
      const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
      const args = [`${folder}/scripts/release/pinned_deno.sh`, `${folder}/${out}`];
      const { code, stderr } = await new Deno.Command("sh", { args, env }).output();
      return { code, err: new TextDecoder().decode(stderr) };
    };
    equal((await put(sha256(new TextEncoder().encode(asked)), "good")).code, 0);
    equal(await Deno.readTextFile(`${folder}/good/program`), asked);
    const refused = await put("0".repeat(64), "bad");
    equal(refused.code, 1);
    match(refused.err, /^km: error: Cannot use Deno .* is not what src\/proc\/deno_pins\.ts says\n$/);
    await rejects(Deno.stat(`${folder}/bad/program`), Deno.errors.NotFound);
  },
);
