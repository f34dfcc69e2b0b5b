/**
 * Writes everything of a release but the built files: manifests, installers, the files of
 * package managers, the bill of materials, checksums, and the signatures of what is signed.
 *
 * Signed are the manifests and SHA256SUMS, which hold the hashes of all else. The order matters: SHA256SUMS comes last and lists the manifests
 * and their signatures too; itself and its own signatures are the only files that it does not list.
 * @module
 */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { KmError } from "../../src/core/error.ts";
import denoJson from "../../deno.json" with { type: "json" };
import type { Channel } from "../../src/update/manifest.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { isPrerelease } from "../../src/core/version.ts";
import type { BuiltFile } from "../build/compile.ts";
import { CHECKSUMS, checksumsText, sha256Of } from "./checksums.ts";
import { stampInstaller } from "./installers.ts";
import { signFile } from "./keys.ts";
import { formulaText } from "./homebrew.ts";
import {
  channelsOf,
  channelsToWrite,
  expiryOf,
  isoSeconds,
  type ManifestContent,
  manifestsOf,
  type Newest,
  releaseFile,
} from "./manifests.ts";
import { placeOf } from "./private_key.ts";
import { readPackages } from "./packages.ts";
import { sbomText } from "./sbom.ts";
import { scoopText } from "./scoop.ts";

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
  /** What each channel has already: one with a newer version than this stays as it is. Nothing by default. */
  readonly newest?: Newest;
  /** Address of the project's page; `baseUrl` by default. */
  readonly homepage?: string;
  /** When it is published; now by default. */
  readonly now?: Date;
  /** Until when its manifests are believed; `VALID_DAYS` after `now` by default. */
  readonly expires?: Date;
}

/**
 * Writes a release around `files`. Returns sentences about what it leaves out, and why.
 * @throws {KmError} not_trusted when the private key is none of `keys`, or a file is not the one that was built
 */
export async function makeRelease(options: ReleaseOptions): Promise<string[]> {
  const { files, out, version, privateKeyPem, keys, baseUrl } = options;
  const published = options.now ?? new Date();
  placeOf(privateKeyPem, keys); // A signature that no installed km would believe is worse than none.
  await Deno.mkdir(out, { recursive: true });
  for (const file of files) await refuseChanged(file);
  const names = files.map(({ path }) => basename(path));
  const channels = channelsToWrite(version, options.newest ?? new Map());
  for (const [name, text] of manifestsOf(contentOf(options, published), channels)) {
    await Deno.writeTextFile(`${out}/${name}`, text);
    await signFile(`${out}/${name}`, privateKeyPem);
    names.push(name, `${name}.sig`, `${name}.sshsig`);
  }
  const { texts, left } = packagerTexts(options);
  for (const name of ["install.sh", "install.ps1"]) {
    const template = await Deno.readTextFile(`${SCRIPTS}${name}`);
    texts.set(name, stampInstaller(template, { baseUrl, releaseKeys: keys }));
  }
  const located = files.map((file) => ({ file, url: absoluteUrl(file, options) }));
  const packages = await readPackages();
  texts.set(
    `km-${version}.cdx.json`,
    sbomText({ version, commit: options.commit, published, files: located, packages }),
  );
  for (const [name, text] of texts) await Deno.writeTextFile(`${out}/${name}`, text);
  await writeChecksums(out, [...names, ...texts.keys()], privateKeyPem);
  return [...unwrittenChannels(options, channels), ...left];
}

function unwrittenChannels({ version, newest }: ReleaseOptions, written: readonly Channel[]): string[] {
  const others = channelsOf(version).filter((channel) => !written.includes(channel));
  return others.map((channel) =>
    `no ${channel}.json: this channel has ${newest?.get(channel)}, which is newer`
  );
}

function contentOf(
  { files, filesUrl, version, commit, expires }: ReleaseOptions,
  published: Date,
): ManifestContent {
  return {
    version,
    commit,
    published: isoSeconds(published),
    expires: isoSeconds(expires ?? expiryOf(published)),
    files: Object.fromEntries(files.map((file) => [file.target, releaseFile(file, filesUrl)])),
  };
}

/** Homebrew and Scoop know one version of km, the stable one. */
function packagerTexts(options: ReleaseOptions): { texts: Map<string, string>; left: string[] } {
  const texts = new Map<string, string>();
  const { version, baseUrl, homepage = baseUrl } = options;
  if (isPrerelease(version)) return { texts, left: [`no km.rb, no km.json: ${version} is a pre-release`] };
  const files = Object.fromEntries(
    options.files.map((
      file,
    ) => [file.target, { ...releaseFile(file, undefined), url: absoluteUrl(file, options) }]),
  );
  const released = { version, license: denoJson.license, homepage, baseUrl, files };
  const left: string[] = [];
  const add = (name: string, text: string | null, systems: string) => {
    if (text === null) left.push(`no ${name}: nothing was built for ${systems}`);
    else texts.set(name, text);
  };
  add("km.rb", formulaText(released), "macOS or Linux");
  add("km.json", scoopText(released), "Windows");
  return { texts, left };
}

function absoluteUrl(file: BuiltFile, { filesUrl, baseUrl }: ReleaseOptions): string {
  return releaseFile(file, filesUrl ?? baseUrl).url;
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
