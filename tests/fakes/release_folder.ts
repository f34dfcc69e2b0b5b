/**
 * A real release in a folder, for tests that install or update: a km built for this machine, or a stand-in, with manifests, signatures and
 * installers made by `scripts/release/make_release.ts`.
 *
 * ```ts
 * using folder = new TempFolder();
 * await using server = new ReleaseServer(folder.path);
 * const signer = await generateKey();
 * await putRelease(folder.path, { version: "9.1.0", baseUrl: server.baseUrl, signer });
 * ```
 * @module
 */
import { sha256Of } from "../../scripts/release/checksums.ts";
import type { KeyPair } from "../../scripts/release/keys.ts";
import { makeRelease } from "../../scripts/release/make_release.ts";
import type { Target } from "../../scripts/build/targets.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { builtKm } from "../built.ts";

/** What a release for tests is. */
export interface TestRelease {
  readonly version: string;
  /** Where the folder is served. */
  readonly baseUrl: string;
  readonly signer: KeyPair;
  /** Keys that the installers believe; that of `signer` by default. */
  readonly keys?: readonly ReleaseKey[];
  /** The file to release; by default one built with `version`. */
  readonly file?: string;
  /** For which machines it is said to be; this one by default. */
  readonly targets?: readonly Target[];
  readonly now?: Date;
  readonly expires?: Date;
}

/** Writes a release into `folder`, over one that is there. */
export async function putRelease(folder: string, release: TestRelease): Promise<void> {
  const { version, signer, targets = [Deno.build.target as Target], ...options } = release;
  const file = release.file ?? await builtKm({ version });
  const files = [];
  for (const target of targets) {
    const path = `${folder}/km-${version}-${target}`;
    await Deno.remove(path).catch(() => {});
    // A built file takes 40 MB.
    await Deno.link(file, path).catch(() => Deno.copyFile(file, path));
    const { size } = await Deno.stat(path);
    files.push({ target, kind: "portable" as const, path, bytes: size, sha256: await sha256Of(path) });
  }
  await makeRelease({
    commit: null,
    keys: [signer.key],
    ...options,
    files,
    out: folder,
    version,
    privateKeyPem: signer.privateKeyPem,
  });
}

/**
 * Writes a stand-in for km into `folder` and returns its path: a script that prints its version and completions, for tests whose subject
 * is the installer.
 */
export async function standInKm(folder: string, version: string): Promise<string> {
  const path = `${folder}/stand-in-${version}`;
  const script = `#!/bin/sh
# km ${version} for ${Deno.build.target}: a stand-in for it.
case "$1 $2" in
  "--version ") echo "km ${version}" ;;
  "completions bash") echo "# bash completion for km"; echo "complete -W demo km" ;;
  "completions zsh") echo "#compdef km"; echo "_arguments '1:command:(demo)'" ;;
  "completions fish") echo "# fish completion for km"; echo "complete -c km -a demo" ;;
  "stop ") exit 3 ;;
  *) exit 2 ;;
esac
`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}
