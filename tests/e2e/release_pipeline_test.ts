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

testUnless(
  unlessOs("linux") ?? missingProgram("git", "curl"),
  "build --unsigned, sign, verify and smoke.ts take a commit to an installed km that works and is gone again",
  async () => {
    verifies("release-workflows", "release-files");
    using folder = new TempFolder();
    const key = await generateKey();
    await checkoutWith([key], folder.path);
    const deno = (...args: string[]) => [Deno.execPath(), "run", "-A", ...args];
    const release = (args: string[], env?: Record<string, string>) =>
      run(deno("scripts/release.ts", ...args), folder.path, env);
    const { version } = JSON.parse(Deno.readTextFileSync(`${folder.path}/deno.json`)) as { version: string };
    const base = ["--base-url", "https://km.example/r", "--tag", `v${version}`];

    const built = await release(["build", "--unsigned", ...base, "--targets", Deno.build.target]);
    equal(built.code, 0, built.out);
    const text = Deno.readTextFileSync(`${folder.path}/dist/built.json`);
    Deno.writeTextFileSync(
      `${folder.path}/dist/built.json`,
      text.replace(/"commit": "[0-9a-f]+"/, '"commit": "0123"'),
    );
    const foreign = await release(["sign", "dist", ...base], { KM_RELEASE_KEY: key.privateKeyPem });
    match(
      foreign.out,
      /^km: error: Cannot sign ".*": it was built of commit 0123, and this checkout is [0-9a-f]{40}\n/,
    );
    equal(foreign.code, 1);
    Deno.writeTextFileSync(`${folder.path}/dist/built.json`, text);
    const other = await release(["sign", "dist", ...base], {
      KM_RELEASE_KEY: (await generateKey()).privateKeyPem,
    });
    equal(other.code, 23, other.out);
    const signed = await release(["sign", "dist", ...base], { KM_RELEASE_KEY: key.privateKeyPem });
    equal(signed.code, 0, signed.out);
    equal(signed.out.includes("PRIVATE"), false);
    const verified = await release(["verify", "dist"]);
    equal(verified.code, 0, verified.out);
    const again = await release(["sign", "dist", ...base], { KM_RELEASE_KEY: key.privateKeyPem });
    match(again.out, /^km: error: Cannot sign ".*dist": there is no built\.json in it\n/);

    const smoke = await run(deno("scripts/smoke.ts", "--dist", "dist", "--version", version), folder.path);
    equal(smoke.code, 0, smoke.out);
    deepEqual(
      smoke.out.split("\n").filter((line) => /^(ok|FAILED) /.test(line)).map((line) =>
        line.split(/[ :]+/)[1]
      ),
      [
        "version",
        "demo",
        "monitor",
        "doctor",
        "update",
        "uninstall",
      ],
    );
  },
);
