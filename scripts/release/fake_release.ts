/** A release of small made-up files with throw-away keys, for tests. @module */
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { fileURLToPath } from "node:url";
import { type Ended, runKm } from "../../tests/e2e/harness.ts";
import type { BuiltFile } from "../build/compile.ts";
import { fileName, type Target, TARGET_NAMES } from "../build/targets.ts";
import type { Newest } from "./manifests.ts";
import { sha256Of } from "./checksums.ts";
import { generateKey, type KeyPair } from "./keys.ts";
import { makeRelease } from "./make_release.ts";

/** What may be otherwise than in the usual release: 1.2.3 for six systems, of now. */
export interface FakeOptions {
  readonly version?: string;
  readonly targets?: readonly Target[];
  readonly filesUrl?: string;
  readonly now?: Date;
  readonly newest?: Newest;
  /** In use, next; new ones by default. */
  readonly keys?: FakeRelease["keys"];
}

/** A release in a folder. */
export interface FakeRelease {
  readonly folder: string;
  /** In use, next. */
  readonly keys: readonly [KeyPair, KeyPair];
  /** A file with the public keys. */
  readonly keysFile: string;
  /** What was said to be left out. */
  readonly left: readonly string[];
}

/** Makes a release in `<temp>/dist`, with the public keys in `<temp>/keys.json` and the private ones in `<temp>/*.pem`. */
export async function fakeRelease(temp: string, options: FakeOptions = {}): Promise<FakeRelease> {
  const { version = "1.2.3", targets = TARGET_NAMES, filesUrl, newest, now = new Date() } = options;
  const keys = options.keys ?? [await generateKey(), await generateKey()] as const;
  const folder = `${temp}/dist`;
  await Deno.mkdir(folder, { recursive: true });
  const files: BuiltFile[] = [];
  for (const target of targets) files.push(await fakeFile(folder, version, target));
  const publicKeys: ReleaseKey[] = keys.map(({ key }) => key);
  const left = await makeRelease({
    ...{ files, out: folder, version, commit: "0123456789abcdef0123456789abcdef01234567", now },
    ...{ baseUrl: "https://km.example/r", privateKeyPem: keys[0].privateKeyPem, keys: publicKeys },
    ...filesUrl === undefined ? {} : { filesUrl },
    ...newest === undefined ? {} : { newest },
  });
  await Deno.writeTextFile(`${temp}/keys.json`, JSON.stringify(publicKeys));
  for (const [at, { privateKeyPem }] of keys.entries()) {
    await Deno.writeTextFile(`${temp}/${at}.pem`, privateKeyPem, { mode: 0o600 });
  }
  return { folder, keys, keysFile: `${temp}/keys.json`, left };
}

async function fakeFile(folder: string, version: string, target: Target): Promise<BuiltFile> {
  const windows = target.includes("windows");
  const path = `${folder}/${fileName(version, target)}`;
  await Deno.writeTextFile(path, `#!/bin/sh\necho "km ${version} for ${target}"\n`, { mode: 0o755 });
  const { size } = await Deno.stat(path);
  return { target, kind: windows ? "compiled" : "portable", path, bytes: size, sha256: await sha256Of(path) };
}

const SCRIPT = fileURLToPath(new URL("../release.ts", import.meta.url));

/** Runs `scripts/release.ts`, the one of another checkout when `script` says so. */
export async function runRelease(
  args: readonly string[],
  options: { readonly script?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const { script = SCRIPT, env = {} } = options;
  const command = [Deno.execPath(), "run", "-A", script];
  return await runKm(args, { home: "", command, env, timeoutMs: 300_000 });
}
