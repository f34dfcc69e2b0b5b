/** install.sh believes nothing that is not proven, and leaves nothing behind when it is not. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { generateKey, signBytes } from "../../scripts/release/keys.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { fakePrograms, InstallSite, pathOf, Person, TOOLS, UNTESTABLE } from "./install.ts";

/** What proves signatures: PATH's programs beside TOOLS and curl. */
const VERIFIERS = { openssl: ["openssl"], "ssh-keygen": ["ssh-keygen"] } as const;

/** Serves other manifests in the place of stable.json, signed by `signer` as they are. */
function serveManifest(site: InstallSite, text: string, signer = site.signer): void {
  const { sig, sshsig } = signBytes(new TextEncoder().encode(text), signer.privateKeyPem);
  site.server.misbehave("/stable.json", { kind: "bytes", bytes: text });
  site.server.misbehave("/stable.json.sig", { kind: "bytes", bytes: sig });
  site.server.misbehave("/stable.json.sshsig", { kind: "bytes", bytes: sshsig });
}

interface Attack {
  readonly name: string;
  readonly spoil: (site: InstallSite) => void | Promise<void>;
  readonly says: RegExp;
  readonly code?: keyof typeof EXIT_CODES;
}

const ATTACKS: readonly Attack[] = [
  {
    name: "a manifest that was changed",
    spoil: (site) =>
      site.server.misbehave("/stable.json", {
        kind: "bytes",
        bytes: site.read("/stable.json").replace('"bytes": ', '"bytes": 1'),
      }),
    says: /Cannot trust ".*stable\.json": its signature .*is wrong/,
  },
  {
    name: "a key that it does not know",
    spoil: async (site) => serveManifest(site, site.read("/stable.json"), await generateKey()),
    says: /Cannot trust ".*": (it is signed by the key "[0-9a-f]{16}", which this|its signature is wrong)/,
  },
  {
    name: "a known key's name over another key's signature",
    spoil: async (site) => {
      const text = site.read("/stable.json");
      serveManifest(site, text, await generateKey());
      const other =
        signBytes(new TextEncoder().encode(text), (await generateKey()).privateKeyPem).sig.split(" ")[1];
      site.server.misbehave("/stable.json.sig", { kind: "bytes", bytes: `${site.signer.key.id} ${other}` });
    },
    says: /its signature .*is wrong/,
  },
  {
    name: "a signature that is none",
    spoil: (site) => {
      for (const ending of ["sig", "sshsig"]) {
        site.server.misbehave(`/stable.json.${ending}`, { kind: "bytes", bytes: "<html>\n" });
      }
    },
    says: /Cannot trust/,
  },
  {
    name: "an empty signature",
    spoil: (site) => {
      for (const ending of ["sig", "sshsig"]) {
        site.server.misbehave(`/stable.json.${ending}`, { kind: "bytes", bytes: "" });
      }
    },
    says: /Cannot trust/,
  },
  {
    name: "a missing signature",
    spoil: (site) => {
      for (const ending of ["sig", "sshsig"]) {
        site.server.misbehave(`/stable.json.${ending}`, { kind: "missing" });
      }
    },
    says: /Cannot download the signature ".*": .*404/,
    code: "download_failed",
  },
  {
    name: "another file than the signed one",
    spoil: (site) => {
      const text = site.read(site.file());
      site.server.misbehave(site.file(), { kind: "bytes", bytes: text.replace("stand-in", "stand-on") });
    },
    says: /Cannot trust what came from ".*": its SHA-256 is not the one in the signed manifest/,
  },
  {
    name: "an expired manifest",
    spoil: (site) => site.put("9.1.0", { now: new Date("2020-01-01"), expires: new Date("2020-02-01") }),
    says: /it expired on 2020-02-01T00:00:00Z, and the clock here says 20\d\d-/,
  },
  {
    name: "the manifest of another channel",
    spoil: async (site) => {
      await site.put("9.2.0-beta.1");
      serveManifest(site, site.read("/beta.json"));
    },
    says: /it is of channel "beta", not of "stable"/,
  },
  {
    name: "something else that was signed",
    spoil: (site) => serveManifest(site, "# a signed text\n"),
    says: /it is no release manifest/,
  },
  {
    name: "a manifest of a later format",
    spoil: (site) => serveManifest(site, site.read("/stable.json").replace('"format": 1', '"format": 2')),
    says: /its format is "2", and this install\.sh reads format 1/,
  },
  {
    name: "a version that is more than a version",
    spoil: (site) => serveManifest(site, site.read("/stable.json").replace('"9.1.0"', '"$(touch x)"')),
    says: /its version is /,
  },
  {
    name: "a hash that is none",
    spoil: (site) => serveManifest(site, site.read("/stable.json").replace(/"sha256": "../, '"sha256": "')),
    says: /what it says about .* is not whole/,
  },
];

for (const [verifier, programs] of Object.entries(VERIFIERS)) {
  for (const { name, spoil, says, code = "not_trusted" } of ATTACKS) {
    testUnless(UNTESTABLE, `install.sh with ${verifier} refuses ${name}`, async () => {
      verifies("install-verifies", "install-faults");
      await using site = await InstallSite.serve();
      using person = new Person();
      const env = { PATH: pathOf(`${person.temporary}/path`, [...TOOLS, "curl", ...programs]) };
      await spoil(site);
      const failed = await person.install(site, { env });
      assert.equal(failed.code, EXIT_CODES[code], failed.err);
      assert.match(failed.err, /^km: error: .*\nkm: hint: .*\n$/);
      assert.match(failed.err, says);
      assert.deepEqual(person.listing(), [], "nothing is left");
    });
  }

  testUnless(UNTESTABLE, `install.sh with ${verifier} believes the second key too`, async () => {
    verifies("install-verifies");
    await using site = await InstallSite.serve();
    using person = new Person();
    const keys = [(await generateKey()).key, site.signer.key];
    await site.put("9.1.0", { keys });
    const env = { PATH: pathOf(`${person.temporary}/path`, [...TOOLS, "curl", ...programs]) };
    const { code, out, err } = await person.install(site, { env });
    assert.equal(code, 0, err);
    assert.ok(out.includes(`proven by: the signature of the manifest (${verifier})`), out);
  });
}

const UNABLE: Readonly<Record<string, string>> = {
  "that cannot verify Ed25519": 'case $1 in base64) exec /usr/bin/openssl "$@" ;; *) exit 1 ;; esac',
  "that says yes to everything": 'case $1 in base64) exec /usr/bin/openssl "$@" ;; *) exit 0 ;; esac',
};

for (const [name, body] of Object.entries(UNABLE)) {
  testUnless(UNTESTABLE, `install.sh uses ssh-keygen beside an openssl ${name}`, async () => {
    verifies("install-verifies");
    await using site = await InstallSite.serve();
    using person = new Person();
    const env = { PATH: fakePrograms(`${person.temporary}/fakes`, { openssl: body }) };
    const { code, out, err } = await person.install(site, { env });
    assert.equal(code, 0, err);
    assert.match(out, /the signature of the manifest \(ssh-keygen\)/);
  });
}

testUnless(
  UNTESTABLE,
  "install.sh does not go on where nothing can verify, and tells how to by hand",
  async () => {
    verifies("install-verifies");
    await using site = await InstallSite.serve();
    using person = new Person();
    const PATH = pathOf(`${person.temporary}/path`, [...TOOLS, "curl"]);
    const { code, err } = await person.install(site, { env: { PATH } });
    assert.equal(code, EXIT_CODES.not_trusted);
    assert.match(err, /there is neither openssl \(3 or newer\) nor ssh-keygen/);
    assert.match(err, /install the package openssl or openssh-client/);
    assert.deepEqual(person.listing(), []);

    // The commands of the hint are right.
    const signer = /write "(km ssh-ed25519 [^"]+)"/.exec(err)?.[1] ?? assert.fail(err);
    const command = /run: (ssh-keygen .*?);/.exec(err)?.[1] ?? assert.fail(err);
    await Deno.writeTextFile(`${site.folder.path}/signers`, `${signer}\n`);
    const byHand = await person.run(["sh", "-c", `cd ${site.folder.path} && ${command}`]);
    assert.equal(byHand.code, 0, byHand.err);
  },
);

for (const tool of ["shasum", "openssl"]) {
  testUnless(UNTESTABLE, `install.sh takes SHA-256 by ${tool} where there is no sha256sum`, async () => {
    verifies("install-verifies");
    await using site = await InstallSite.serve();
    using person = new Person();
    const tools = TOOLS.filter((name) => name !== "sha256sum");
    const path = pathOf(`${person.temporary}/path`, [...tools, "curl", "openssl", "ssh-keygen"]);
    // A shasum of our own: the real one is a script that wants Perl's modules.
    if (tool === "shasum") fakePrograms(path, { shasum: '[ "$*" = "-a 256" ] && /usr/bin/sha256sum' });
    const good = await person.install(site, { env: { PATH: path } });
    assert.equal(good.code, 0, good.err);
    await person.install(site, { args: ["--uninstall"], env: { PATH: path } });
    const text = site.read(site.file());
    site.server.misbehave(site.file(), { kind: "bytes", bytes: text.replace("stand-in", "stand-on") });
    const bad = await person.install(site, { env: { PATH: path } });
    assert.equal(bad.code, EXIT_CODES.not_trusted, bad.err);
  });
}

testUnless(UNTESTABLE, "a template of install.sh, or an address that is none, installs nothing", async () => {
  verifies("install-verifies", "install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  const template = await Deno.readTextFile(new URL("../../scripts/install.sh", import.meta.url));
  await Deno.writeTextFile(`${person.temporary}/template.sh`, template);
  const run = (KM_BASE_URL: string, script: string) =>
    person.run(["sh", `${person.temporary}/${script}`], { KM_BASE_URL });
  const unstamped = await run(site.baseUrl, "template.sh");
  assert.match(unstamped.err, /this install\.sh is the template, without release keys/);
  assert.equal(unstamped.code, EXIT_CODES.unsupported);
  await Deno.writeTextFile(`${person.temporary}/install.sh`, site.read("/install.sh"));
  for (const address of ["ftp://127.0.0.1/km", "nonsense", "file:///etc"]) {
    const { code, err } = await run(address, "install.sh");
    assert.deepEqual([code, /it is no address/.test(err)], [EXIT_CODES.usage, true], err);
  }
  const plain = await run(`http://localhost.:${site.server.port}`, "install.sh");
  assert.match(plain.err, /^km: warning: "http:\/\/localhost\.:\d+" is not encrypted/);
  assert.deepEqual(plain.code === 0, person.listing().length > 0);
});
