import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { type FakeRelease, fakeRelease, runRelease } from "./fake_release.ts";
import { generateKey, signFile } from "./keys.ts";

Deno.test("release.ts verify finds nothing wrong with a release", async () => {
  verifies("release-files");
  using temp = new TempFolder();
  const { folder, keysFile } = await fakeRelease(temp.path);
  const { code, out, err } = await runRelease(["verify", folder, "--keys", keysFile]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^stable\.json: version 1\.2\.3, signed, believed until \d{4}-\d\d-\d\dT/m);
  assert.match(out, /^km-1\.2\.3-x86_64-unknown-linux-gnu: the SHA-256 is right$/m);
});

testUnless(
  missingProgram("sh", "sha256sum", "openssl", "ssh-keygen"),
  "the commands that release.ts verify prints prove a release, and fail on one that was changed",
  async () => {
    verifies("release-files");
    using temp = new TempFolder();
    const { folder, keysFile } = await fakeRelease(temp.path);
    const { out } = await runRelease(["verify", folder, "--keys", keysFile]);
    const commands = out.slice(out.indexOf("\ncd "));
    const run = async () => {
      const args = ["-e", "-c", commands];
      const { code, stdout } = await new Deno.Command("sh", { args, stderr: "null" }).output();
      return { code, text: new TextDecoder().decode(stdout) };
    };
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.equal(text.match(/^Good "km" signature for km/gm)?.length, 4);
    assert.equal(text.match(/^Signature Verified Successfully/gm)?.length, 4);
    await flip(`${folder}/beta.json`);
    assert.notEqual((await run()).code, 0);
  },
);

interface Tampering {
  readonly what: string;
  readonly change: (release: FakeRelease) => Promise<void>;
  readonly found: RegExp;
}

const FILE = "km-1.2.3-aarch64-apple-darwin";
const TAMPERINGS: readonly Tampering[] = [
  {
    what: "one byte of a built file",
    change: ({ folder }) => flip(`${folder}/${FILE}`),
    found: /km-1\.2\.3-aarch64-apple-darwin: its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}$/m,
  },
  {
    what: "one byte of a manifest",
    change: ({ folder }) => flip(`${folder}/stable.json`),
    found: /stable\.json: its \.sig is of other bytes/,
  },
  {
    what: "one byte of an Ed25519 signature",
    change: ({ folder }) => replace(`${folder}/stable.json.sig`, /(?<= )..../, () => "AAAA"),
    found: /stable\.json: its \.sig is of other bytes/,
  },
  {
    what: "one byte of an OpenSSH signature",
    change: ({ folder }) =>
      replace(`${folder}/beta.json.sshsig`, /(?<=(?:\n.{76}){2}\n).{6}/, () => "AAAAAA"),
    found: /beta\.json: its \.sshsig is (not a signature|of other bytes)/,
  },
  {
    what: "a checksum",
    change: ({ folder }) => flip(`${folder}/SHA256SUMS`),
    found: /SHA256SUMS: its \.sig is of other bytes/,
  },
  {
    what: "a signature that is missing",
    change: ({ folder }) => Deno.remove(`${folder}/v1.2.3.json.sig`),
    found: /v1\.2\.3\.json: its \.sig is not a signature; v1\.2\.3\.json\.sig: it is missing/,
  },
  {
    what: "a file that is missing",
    change: ({ folder }) => Deno.remove(`${folder}/${FILE}`),
    found: /km-1\.2\.3-aarch64-apple-darwin: it is missing/,
  },
  {
    what: "a file too many",
    change: ({ folder }) => Deno.writeTextFile(`${folder}/km-extra`, ""),
    found: /km-extra: SHA256SUMS does not know it/,
  },
  {
    what: "a signer who is nobody",
    change: async ({ keys, keysFile }) => await Deno.writeTextFile(keysFile, JSON.stringify([keys[1].key])),
    found: /SHA256SUMS: key [0-9a-f]{16} is not one of the release keys/,
  },
  {
    what: "the manifest of another channel under this name",
    change: async ({ folder }) => {
      for (const end of ["", ".sig", ".sshsig"]) {
        await Deno.copyFile(`${folder}/beta.json${end}`, `${folder}/stable.json${end}`);
      }
    },
    found: /stable\.json: .*channel "beta", not of channel "stable"/,
  },
  {
    what: "another checksum in a manifest than in SHA256SUMS, both signed",
    change: async ({ folder, keys }) => {
      await replace(`${folder}/stable.json`, /(?<="sha256": ")[0-9a-f]{8}/, () => "00000000");
      await signFile(`${folder}/stable.json`, keys[0].privateKeyPem);
    },
    found: /stable\.json: it has another SHA-256 for km-1\.2\.3-aarch64-apple-darwin than SHA256SUMS/,
  },
];

for (const { what, change, found } of TAMPERINGS) {
  Deno.test(`release.ts verify finds ${what}`, async () => {
    verifies("release-files");
    using temp = new TempFolder();
    const release = await fakeRelease(temp.path);
    await change(release);
    const { code, err } = await runRelease(["verify", release.folder, "--keys", release.keysFile]);
    assert.equal(code, 23, err);
    assert.match(err, /^km: error: Cannot trust the release in "/);
    assert.match(err, found);
  });
}

Deno.test("release.ts verify finds an expired manifest, which renew mends with the next key too", async () => {
  verifies("release-files");
  using temp = new TempFolder();
  const now = new Date(Date.now() - 181 * 24 * 3600 * 1000);
  const { folder, keysFile } = await fakeRelease(temp.path, { now });
  const before = JSON.parse(await Deno.readTextFile(`${folder}/stable.json`));
  const expired = await runRelease(["verify", folder, "--keys", keysFile]);
  assert.equal(expired.code, 23);
  assert.match(expired.err, /stable\.json: .*it expired on/);

  const args = ["renew", folder, "--keys", keysFile, "--valid-days", "30", "--key", `${temp.path}/1.pem`];
  const renewed = await runRelease(args);
  assert.equal(renewed.err, "");
  assert.match(renewed.out, /^stable\.json: believed until .*, signed with the key next$/m);
  assert.equal((await runRelease(["verify", folder, "--keys", keysFile])).code, 0);
  const after = JSON.parse(await Deno.readTextFile(`${folder}/stable.json`));
  const days = (Date.parse(after.expires) - Date.now()) / (24 * 3600 * 1000);
  assert.ok(days > 29.9 && days <= 30, `${days}`);
  assert.deepEqual({ ...after, expires: "" }, { ...before, expires: "" });
  assert.doesNotMatch(renewed.out, /^v1/m);
  const verified = await runRelease(["verify", folder, "--keys", keysFile]);
  assert.match(verified.out, /^v1\.2\.3\.json: version 1\.2\.3, signed, expired on /m);
});

testUnless(
  missingProgram("sh", "sha256sum", "openssl", "ssh-keygen"),
  "release.ts verify and renew know a published folder: older versions, a later beta, files elsewhere",
  async () => {
    verifies("release-files");
    const [first, second, pre] = [new TempFolder(), new TempFolder(), new TempFolder()];
    using stack = new DisposableStack();
    for (const temp of [first, second, pre]) stack.use(temp);
    const filesUrl = "https://km.example/f";
    const old = new Date(Date.now() - 300 * 24 * 3600 * 1000);
    const { folder: pages, keys } = await fakeRelease(first.path, { version: "1.2.2", filesUrl, now: old });
    const { folder: next, keysFile } = await fakeRelease(second.path, { filesUrl, keys });
    await publish(next, pages);
    const { folder: beta } = await fakeRelease(pre.path, { version: "1.3.0-beta.1", filesUrl, keys });
    for (const name of names(beta).filter((name) => /^(beta|v)/.test(name))) {
      await Deno.copyFile(`${beta}/${name}`, `${pages}/${name}`);
    }
    await Deno.writeTextFile(`${pages}/.nojekyll`, "");
    const check = async () => {
      const { code, out, err } = await runRelease(["verify", pages, "--keys", keysFile]);
      assert.equal(code, 0, err);
      return out;
    };
    const out = await check();
    assert.match(out, /^v1\.2\.2\.json: version 1\.2\.2, signed, expired on/m);
    assert.match(out, /^beta\.json: version 1\.3\.0-beta\.1, signed, believed until/m);
    assert.match(out, /^km-1\.2\.3-x86_64-unknown-linux-gnu: it lies elsewhere$/m);
    const renewed = await runRelease(["renew", pages, "--keys", keysFile, "--key", `${second.path}/0.pem`]);
    assert.equal(renewed.code, 0, renewed.err);
    const after = await check();
    const args = ["-e", "-c", after.slice(after.indexOf("\ncd "))];
    const byHand = await new Deno.Command("sh", { args, stdout: "null", stderr: "piped" }).output();
    assert.equal(byHand.code, 0, new TextDecoder().decode(byHand.stderr));
    // The key of the oldest version was rotated out.
    await signFile(`${pages}/v1.2.2.json`, (await generateKey()).privateKeyPem);
    assert.match(await check(), /^v1\.2\.2\.json: left out, its key is none of the release keys any more$/m);
    await Deno.writeTextFile(`${pages}/install.sh`, "");
    const changed = await runRelease(["verify", pages, "--keys", keysFile]);
    assert.match(changed.err, /install\.sh: its SHA-256 is/);
  },
);

/** As the workflow does it: everything but the built files. */
async function publish(release: string, pages: string): Promise<void> {
  for (const name of names(pages).filter((name) => name.startsWith("km-"))) {
    await Deno.remove(`${pages}/${name}`);
  }
  for (const name of names(release).filter((name) => !name.startsWith("km-"))) {
    await Deno.copyFile(`${release}/${name}`, `${pages}/${name}`);
  }
}

function names(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name);
}

Deno.test("release.ts renew refuses a manifest that is not ours, and changes nothing", async () => {
  verifies("release-files");
  using temp = new TempFolder();
  const { folder, keysFile } = await fakeRelease(temp.path);
  await flip(`${folder}/beta.json`);
  const before = await Deno.readTextFile(`${folder}/stable.json`);
  const args = ["renew", folder, "--keys", keysFile, "--valid-days", "999", "--key", `${temp.path}/0.pem`];
  const { code, err } = await runRelease(args);
  assert.equal(code, 23);
  assert.match(err, /Cannot renew "beta\.json": its \.sig is of other bytes/);
  assert.equal(await Deno.readTextFile(`${folder}/stable.json`), before);
});

const WRONG_USAGE: readonly (readonly string[])[] = [
  [],
  ["publish"],
  ["verify"],
  ["verify", "a", "b"],
  ["verify", "a", "--deep"],
  ["build"],
  ["build", "--base-url", "ftp://km.example"],
  ["build", "--base-url", "https://km.example/'$(id)"],
  ["build", "--base-url", "https://km.example", "--targets", "x86_64-unknown-linux-musl"],
  ["build", "--base-url", "https://km.example", "--valid-days", "0"],
  ["keygen"],
  ["sign", "dist"],
  ["check"],
  ["renew", ".", "--valid-days", "soon"],
];
for (const args of WRONG_USAGE) {
  Deno.test(`release.ts ${args.join(" ")}: wrong usage is exit code 2, with a hint`, async () => {
    const { code, out, err } = await runRelease(args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^km: error: [^\n]+\nkm: hint: [^\n]+\n$/);
  });
}

Deno.test("release.ts verify says when there is no such folder", async () => {
  using temp = new TempFolder();
  const { code, err } = await runRelease(["verify", `${temp.path}/nowhere`]);
  assert.equal(code, 3);
  assert.match(err, /there is no such folder/);
});

/** Changes one bit of a letter in the middle, so that it stays a letter. */
async function flip(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await Deno.writeFile(path, bytes);
}

async function replace(path: string, pattern: RegExp, by: (found: string) => string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const changed = text.replace(pattern, by);
  assert.notEqual(changed, text);
  await Deno.writeTextFile(path, changed);
}
