/**
 * Writes everything of a release but the built files: manifests, installers, checksums, and the signatures of what is signed.
 *
 * Signed are the manifests and SHA256SUMS, which hold the hashes of all else. The order matters: SHA256SUMS comes last and lists the manifests
 * and their signatures too; itself and its own signatures are the only files that it does not list.
 * @module
 */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import type { BuiltFile } from "../build/compile.ts";
import { CHECKSUMS, checksumsText, sha256Of } from "./checksums.ts";
import { stampInstaller } from "./installers.ts";
import { publicKeyOf, signFile } from "./keys.ts";
import { expiryOf, isoSeconds, type ManifestContent, manifestsOf, releaseFile } from "./manifests.ts";

const SCRIPTS = fileURLToPath(new URL("../", import.meta.url));

/** What a release is made of. */
export interface ReleaseOptions {
  /** Built files, in `out`. */
  readonly files: readonly BuiltFile[];
  /** Folder of the release. */
  readonly out: string;
  readonly version: string;
  readonly commit: string | null;
  /** Address of the folder that will hold the manifests and installers, without a slash at its end. */
  readonly baseUrl: string;
  /** Address of the folder of the built files when it is another one. */
  readonly filesUrl?: string;
  /** PKCS#8 PEM of one of `keys`. */
  readonly privateKeyPem: string;
  /** Public keys: in use, next. */
  readonly keys: readonly ReleaseKey[];
  /** When it is published; now by default. */
  readonly now?: Date;
  /** Until when its manifests are believed; `VALID_DAYS` after `now` by default. */
  readonly expires?: Date;
}

/** Writes a release around `files`. @throws {KmError} not_trusted when the private key is none of `keys` */
export async function makeRelease(options: ReleaseOptions): Promise<void> {
  const { files, out, version, commit, baseUrl, filesUrl, privateKeyPem, keys, now = new Date() } = options;
  refuseForeignKey(privateKeyPem, keys);
  await Deno.mkdir(out, { recursive: true });
  for (const file of files) await refuseChanged(file);
  const written = files.map(({ path }) => basename(path));
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${out}/${name}`, text);
    written.push(name);
  };
  const content: ManifestContent = {
    version,
    commit,
    published: isoSeconds(now),
    expires: isoSeconds(options.expires ?? expiryOf(now)),
    files: Object.fromEntries(files.map((file) => [file.target, releaseFile(file, filesUrl)])),
  };
  for (const [name, text] of manifestsOf(content)) {
    await write(name, text);
    await signFile(`${out}/${name}`, privateKeyPem);
    written.push(`${name}.sig`, `${name}.sshsig`);
  }
  for (const name of ["install.sh", "install.ps1"]) {
    const template = await Deno.readTextFile(`${SCRIPTS}${name}`).catch(() => null);
    if (template !== null) await write(name, stampInstaller(template, { baseUrl, releaseKeys: keys }));
  }
  await writeChecksums(out, written, privateKeyPem);
}

/** Writes and signs SHA256SUMS over `names` in `folder`. */
export async function writeChecksums(
  folder: string,
  names: readonly string[],
  privateKeyPem: string,
): Promise<void> {
  const sums = new Map<string, string>();
  for (const name of names) sums.set(name, await sha256Of(`${folder}/${name}`));
  await Deno.writeTextFile(`${folder}/${CHECKSUMS}`, checksumsText(sums));
  await signFile(`${folder}/${CHECKSUMS}`, privateKeyPem);
}

/** What was built must still be what lies there. */
async function refuseChanged({ path, sha256 }: BuiltFile): Promise<void> {
  if (await sha256Of(path) === sha256) return;
  throw new KmError("not_trusted", `Cannot release "${path}": it was changed after it was built`);
}

/** A signature that no installed km would believe is worse than none. */
function refuseForeignKey(privateKeyPem: string, keys: readonly ReleaseKey[]): void {
  const { id } = publicKeyOf(privateKeyPem);
  if (keys.some((key) => key.id === id)) return;
  throw new KmError("not_trusted", `Cannot sign with key ${id}: it is none of the release keys`, {
    hint: `the release keys are ${keys.map((key) => key.id).join(", ") || "not made yet"}`,
  });
}
