/** What .github/workflows/release.yml does, with throw-away keys: build, sign, verify, and the smoke test of the installed file. */
import { deepEqual, equal, match } from "node:assert/strict";
import { generateKey, type KeyPair } from "../../scripts/release/keys.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { ROOT, TempFolder } from "./harness.ts";

const LIMIT_MS = 240_000;

interface Ran {
  readonly code: number;
  readonly out: string;
}

/** Runs a command to its end, both outputs in one. */
async function run(command: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  const [program = "", ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    ...{ args, cwd, stdin: "null", env: { GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0", ...env } },
    signal: AbortSignal.timeout(LIMIT_MS),
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout) + decode(stderr) };
}

/** A checkout of what is committed here, whose release keys are `keys`. */
async function checkoutWith(keys: readonly KeyPair[], folder: string): Promise<void> {
  const git = async (...args: string[]) => {
    const { code, out } = await run(
      ["git", "-c", "user.name=km", "-c", "user.email=km@example.org", ...args],
      folder,
    );
    equal(code, 0, out);
  };
  await git("clone", "--quiet", "--no-hardlinks", ROOT, ".");
  const text = JSON.stringify(keys.map(({ key }) => key));
  const { version } = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)) as { version: string };
  Deno.writeTextFileSync(`${folder}/CHANGELOG.md`, `## ${version}\n\n- a rehearsal\n`);
  Deno.writeTextFileSync(`${folder}/scripts/release/keys.json`, text);
  await git("commit", "--quiet", "--all", "--message", "release keys");
}

/** The scripts of a checkout, run as the workflow runs them. */
class Pipeline {
  readonly #folder: string;
  readonly #key: KeyPair;
  readonly #base: readonly string[];
  readonly version: string;

  private constructor(folder: string, key: KeyPair) {
    const { version } = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)) as { version: string };
    this.#folder = folder;
    this.#key = key;
    this.#base = ["--base-url", "https://km.example/r", "--tag", `v${version}`];
    this.version = version;
    Deno.mkdirSync(`${folder}/.cache/pages`, { recursive: true });
  }

  static async make(folder: string): Promise<Pipeline> {
    const key = await generateKey();
    await checkoutWith([key], folder);
    return new Pipeline(folder, key);
  }

  async script(...args: string[]): Promise<Ran> {
    return await run([Deno.execPath(), "run", "-A", ...args], this.#folder);
  }

  async build(): Promise<Ran> {
    const targets = ["--targets", Deno.build.target];
    return await this.script("scripts/release.ts", "build", "--unsigned", ...this.#base, ...targets);
  }

  async check(...args: string[]): Promise<Ran> {
    return await this.script("scripts/release.ts", "check", ...this.#base, ...args);
  }

  async sign(key: KeyPair = this.#key): Promise<Ran> {
    const args = ["sign", "dist", ...this.#base, "--channels", ".cache/pages"];
    const env = { KM_RELEASE_KEY: key.privateKeyPem };
    return await run([Deno.execPath(), "run", "-A", "scripts/release.ts", ...args], this.#folder, env);
  }

  /** Says of what was built that it is of another commit, or of `commit` again. */
  relabel(commit: RegExp, to: string): void {
    const path = `${this.#folder}/dist/built.json`;
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(commit, `"commit": "${to}"`));
  }

  commit(): string {
    const text = Deno.readTextFileSync(`${this.#folder}/dist/built.json`);
    return /"commit": "([0-9a-f]+)"/.exec(text)?.[1] ?? "";
  }
}

testUnless(
  unlessOs("linux") ?? missingProgram("git", "curl"),
  "check, build --unsigned, sign, verify and smoke.ts take a commit to an installed km that works and is gone again",
  async () => {
    verifies("release-workflows", "release-files");
    using folder = new TempFolder();
    const pipeline = await Pipeline.make(folder.path);
    const checked = await pipeline.check("--unsigned");
    equal(checked.code, 0, checked.out);
    const built = await pipeline.build();
    equal(built.code, 0, built.out);
    await refuseForeign(pipeline);
    const signed = await pipeline.sign();
    equal(signed.code, 0, signed.out);
    equal(signed.out.includes("PRIVATE"), false);
    const verified = await pipeline.script("scripts/release.ts", "verify", "dist");
    equal(verified.code, 0, verified.out);
    const again = await pipeline.sign();
    match(again.out, /^km: error: Cannot sign ".*dist": there is no built\.json in it\n/);

    const smoke = await pipeline.script("scripts/smoke.ts", "--dist", "dist", "--version", pipeline.version);
    equal(smoke.code, 0, smoke.out);
    const lines = smoke.out.split("\n").filter((line) => /^(ok|FAILED) /.test(line));
    const proofs = ["version", "demo", "monitor", "doctor", "update", "uninstall"];
    // By KM_VERSION, and by the README's line.
    deepEqual(lines.map((line) => line.split(/[ :]+/)[1]), [...proofs, ...proofs]);
  },
);

/** What another commit was built of, or another key signs, becomes no release. */
async function refuseForeign(pipeline: Pipeline): Promise<void> {
  const commit = pipeline.commit();
  pipeline.relabel(/"commit": "[0-9a-f]+"/, "0123");
  const foreign = await pipeline.sign();
  match(
    foreign.out,
    /^km: error: Cannot sign ".*": it was built of commit 0123, and this checkout is [0-9a-f]{40}\n/,
  );
  equal(foreign.code, 2);
  pipeline.relabel(/"commit": "0123"/, commit);
  const other = await pipeline.sign(await generateKey());
  equal(other.code, 23, other.out);
}
