import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { fakeRelease } from "./fake_release.ts";
import { stampInstaller } from "./installers.ts";
import { generateKey } from "./keys.ts";
import { makeRelease } from "./make_release.ts";
import type { Newest } from "./manifests.ts";

const KEY = { id: "0123456789abcdef", publicKey: `${"A".repeat(43)}=` };

Deno.test("makeRelease() gives a version to both channels, a pre-release to beta alone", async () => {
  verifies("release-files");
  assert.deepEqual(await manifests("1.2.3"), [
    "beta.json: beta",
    "stable.json: stable",
    "v1.2.3.json: null",
  ]);
  assert.deepEqual(await manifests("1.2.3-rc.1"), ["beta.json: beta", "v1.2.3-rc.1.json: null"]);
});

/** A release, what is published before it, and the manifests that it writes. */
const FORWARD = [
  ["1.0.1", { stable: "1.1.0", beta: "1.1.0" }, ["v1.0.1"]],
  ["1.0.1", { stable: "1.0.0", beta: "1.1.0-beta.1" }, ["stable", "v1.0.1"]],
  ["1.1.0", { stable: "1.0.0", beta: "1.1.0-beta.1" }, ["beta", "stable", "v1.1.0"]],
  ["1.1.0-beta.2", { stable: "1.1.0", beta: "1.1.0" }, ["v1.1.0-beta.2"]],
  ["1.1.0-beta.10", { beta: "1.1.0-beta.9" }, ["beta", "v1.1.0-beta.10"]],
  ["1.1.0", { stable: "1.1.0", beta: "1.1.0" }, ["beta", "stable", "v1.1.0"]],
] as const;

Deno.test("makeRelease() sets no channel back, and says which it leaves", async () => {
  verifies("release-files");
  for (const [version, newest, expected] of FORWARD) {
    const written = await manifests(version, new Map(Object.entries(newest)) as Newest);
    assert.deepEqual(written.map((line) => line.split(".json")[0]), expected, version);
  }
  using temp = new TempFolder();
  const newest = new Map([["stable", "1.0.0"], ["beta", "1.1.0-beta.1"]] as const);
  const { left } = await fakeRelease(temp.path, { version: "1.0.1", newest });
  assert.deepEqual(left, ["no beta.json: this channel has 1.1.0-beta.1, which is newer"]);
});

/** The manifests of a release with their channels. */
async function manifests(version: string, newest: Newest = new Map()): Promise<string[]> {
  using temp = new TempFolder();
  const { folder } = await fakeRelease(temp.path, { version, newest });
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) =>
    /^(v|stable|beta)/.test(name)
  );
  const found = names.filter((name) => name.endsWith(".json")).sort();
  assert.equal(names.length, found.length * 3, "each with two signatures");
  return await Promise.resolve(
    found.map((name) => `${name}: ${JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)).channel}`),
  );
}

Deno.test("a manifest has one key a line and one file a line, and is believed for 180 days", async () => {
  verifies("release-files");
  using temp = new TempFolder();
  const now = new Date("2026-11-21T10:20:30.999Z");
  const { folder } = await fakeRelease(temp.path, { now, filesUrl: "https://km.example/f" });
  const text = await Deno.readTextFile(`${folder}/stable.json`);
  const lines = text.split("\n");
  assert.deepEqual(lines.slice(0, 9), [
    "{",
    '  "type": "km release manifest",',
    '  "format": 1,',
    '  "channel": "stable",',
    '  "version": "1.2.3",',
    '  "commit": "0123456789abcdef0123456789abcdef01234567",',
    '  "published": "2026-11-21T10:20:30Z",',
    '  "expires": "2027-05-20T10:20:30Z",',
    '  "files": {',
  ]);
  const entry =
    /^ {4}"[a-z0-9_-]+": \{"name": "[^"]+", "url": "https:[^"]+", "bytes": \d+, "sha256": "[0-9a-f]{64}"\},?$/;
  assert.equal(lines.slice(9, 15).filter((line) => entry.test(line)).length, 6, text);
  assert.deepEqual(lines.slice(15), ["  }", "}", ""]);
});

testUnless(
  missingProgram("sha256sum"),
  "sha256sum -c proves all but SHA256SUMS and its signatures",
  async () => {
    verifies("release-files");
    using temp = new TempFolder();
    const { folder } = await fakeRelease(temp.path);
    const args = ["--check", "--strict", "SHA256SUMS"];
    const { code, stdout } = await new Deno.Command("sha256sum", { args, cwd: folder }).output();
    assert.equal(code, 0);
    const proven = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
      line.replace(/: OK$/, "")
    );
    const others = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) =>
      !proven.includes(name)
    );
    assert.deepEqual(others.sort(), ["SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.sshsig"]);
  },
);

Deno.test("makeRelease() refuses a key that no km believes, and a file that is not the one that was built", async () => {
  verifies("release-files");
  using temp = new TempFolder();
  const { folder, keys } = await fakeRelease(temp.path);
  const path = `${folder}/km-1.2.3-x86_64-unknown-linux-gnu`;
  const file = { target: "x86_64-unknown-linux-gnu", kind: "portable", path, bytes: 1, sha256: "0" } as const;
  const options = {
    out: folder,
    version: "1.2.3",
    commit: null,
    baseUrl: "https://km.example",
    keys: [keys[0].key],
  };
  const stranger = await generateKey();
  await assert.rejects(
    makeRelease({ ...options, files: [], privateKeyPem: stranger.privateKeyPem }),
    /Cannot sign with key [0-9a-f]{16}: it is none of the release keys/,
  );
  await assert.rejects(
    makeRelease({ ...options, files: [file], privateKeyPem: keys[0].privateKeyPem }),
    /it was changed after it was built/,
  );
});

Deno.test("stampInstaller() fills the assignments and leaves the question whether they are filled", () => {
  const sh =
    "km_base_url='@KM_BASE_URL@'\nkm_release_keys='@KM_RELEASE_KEYS@'\n[ \"$km_base_url\" = '@KM_BASE_URL@' ]\n";
  assert.equal(
    stampInstaller(sh, { baseUrl: "https://km.example/r", releaseKeys: [KEY, KEY] }),
    `km_base_url='https://km.example/r'\nkm_release_keys='${KEY.id}:${KEY.publicKey} ${KEY.id}:${KEY.publicKey}'\n` +
      "[ \"$km_base_url\" = '@KM_BASE_URL@' ]\n",
  );
  const ps1 = "$KmBaseUrl = '@KM_BASE_URL@'\r\n$KmReleaseKeys = '@KM_RELEASE_KEYS@'\r\n";
  assert.equal(
    stampInstaller(ps1, { baseUrl: "https://km.example/r", releaseKeys: [KEY] }),
    `$KmBaseUrl = 'https://km.example/r'\r\n$KmReleaseKeys = '${KEY.id}:${KEY.publicKey}'\r\n`,
  );
});

Deno.test("stampInstaller() refuses what could end the quotes, and a template without a place for it", () => {
  const sh = "km_base_url='@KM_BASE_URL@'\nkm_release_keys='@KM_RELEASE_KEYS@'\n";
  for (const baseUrl of ["https://km.example/'; id '", "https://km.example/", "file:///etc", ""]) {
    assert.throws(() => stampInstaller(sh, { baseUrl, releaseKeys: [KEY] }), TypeError);
  }
  for (const releaseKeys of [[], [{ ...KEY, id: "'" }], [{ ...KEY, publicKey: "AAAA" }]]) {
    assert.throws(() => stampInstaller(sh, { baseUrl: "https://km.example", releaseKeys }), TypeError);
  }
  for (const text of ["", sh + sh]) {
    const stamp = { baseUrl: "https://km.example", releaseKeys: [KEY] };
    assert.throws(() => stampInstaller(text, stamp), /is assigned [02] times, not once/);
  }
});
