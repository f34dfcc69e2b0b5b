/** km plugins verify: what it says of good packages, and of every bad one; it installs and runs nothing. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { fingerprint, publicKeyPem } from "../../src/plugins/package/signature.ts";
import { signPackage } from "../../src/plugins/package/package.ts";
import { signedPackage, strangePublisher, testPackage, testPublisher } from "../fakes/plugin_packages.ts";
import {
  importingPackages,
  malformedPackages,
  type RefusedPackage,
  unbelievablePackages,
  unusablePackages,
} from "../fakes/refused_packages.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, TempFolder } from "./harness.ts";

/** A folder with packages, the public key `acme.pub`, and a KM_HOME that must never come to be. */
class Packages implements Disposable {
  readonly #folder = new TempFolder();
  readonly home = `${this.#folder.path}/home`;

  static async create(): Promise<Packages> {
    const packages = new Packages();
    await packages.put("acme.pub", new TextEncoder().encode(publicKeyPem((await testPublisher()).publicKey)));
    return packages;
  }

  async put(name: string, bytes: Uint8Array): Promise<string> {
    const path = `${this.#folder.path}/${name}`;
    await Deno.writeFile(path, bytes);
    return path;
  }

  async verify(bytes: Uint8Array, ...flags: readonly string[]): Promise<Ended> {
    const path = await this.put("x.kmpkg", bytes);
    return await this.run(["plugins", "verify", path, ...flags]);
  }

  run(args: readonly string[]): Promise<Ended> {
    return runKm(args, { home: this.home, cwd: this.#folder.path });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("km plugins verify says who signed a package and what it asks for, and writes nothing", async () => {
  verifies("kmpkg-signature");
  using packages = await Packages.create();
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  const { code, out, err } = await packages.verify(await signedPackage(mine), "--key", "acme.pub");
  assert.equal(code, 0, err);
  assert.match(out, /^quiet 1\.2\.0 of "Acme": every file is as its manifest says\n/);
  assert.ok(out.includes(`signed by ${fingerprint(mine.publicKey)} (Ed25519)\n`), out);
  assert.match(out, /\[servers=\*\]/);
  const both = await signPackage(await signedPackage(mine), other);
  const json = await packages.verify(both, "--json");
  assert.equal(json.code, 0, json.err);
  const { name, signatures } = JSON.parse(json.out);
  assert.equal(name, "quiet");
  assert.deepEqual(
    signatures.map((one: { fingerprint: string }) => one.fingerprint).toSorted(),
    [fingerprint(mine.publicKey), fingerprint(other.publicKey)].toSorted(),
  );
  const unsigned = await packages.verify(testPackage());
  assert.equal(unsigned.code, EXIT_CODES.not_trusted);
  assert.match(unsigned.out, /not signed: nobody can install it yet/);
  assert.throws(() => Deno.lstatSync(packages.home), Deno.errors.NotFound);
});

Deno.test("km plugins verify refuses every bad package with its own message and exit code", async (t) => {
  verifies("kmpkg-format", "refuse-wrong-key", "refuse-unsigned", "refuse-tampered");
  using packages = await Packages.create();
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  const all: readonly RefusedPackage[] = [
    ...await malformedPackages(mine),
    ...await unbelievablePackages(mine, other),
    ...await importingPackages(mine),
  ];
  for (const { name, bytes, said, code } of all) {
    await t.step(name, async () => {
      const verified = await packages.verify(bytes, "--key", "acme.pub");
      assert.match(verified.err, said);
      assert.match(verified.err, /^km: error: [^\n]*\nkm: hint: [^\n]*\n$/);
      assert.equal(verified.code, EXIT_CODES[code]);
      assert.equal(verified.out, "");
    });
  }
  assert.throws(() => Deno.lstatSync(packages.home), Deno.errors.NotFound);
});

Deno.test("km plugins verify judges the package, not whether it may run here", async () => {
  using packages = await Packages.create();
  for (const { name, bytes } of await unusablePackages(await testPublisher())) {
    const { code, err } = await packages.verify(bytes, "--key", "acme.pub");
    assert.equal(code, 0, `${name}: ${err}`);
  }
});

Deno.test("km plugins verify says what is no file, no key and too much", async () => {
  using packages = await Packages.create();
  const missing = await packages.run(["plugins", "verify", "nowhere.kmpkg"]);
  assert.equal(missing.code, EXIT_CODES.not_found);
  assert.match(
    missing.err,
    /^km: error: Cannot read package ".*nowhere\.kmpkg": there is no such file\nkm: hint: /,
  );
  const good = await signedPackage(await testPublisher());
  assert.equal((await packages.verify(good, "--key", "nowhere.pub")).code, EXIT_CODES.not_found);
  const pem = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
  await packages.put("no.pub", new TextEncoder().encode(pem));
  const noKey = await packages.verify(good, "--key", "no.pub");
  assert.equal(noKey.code, EXIT_CODES.not_trusted);
  assert.match(
    noKey.err,
    /^km: error: Cannot use the key: it is no key of Ed25519 or of RSA with 4096 bits\n/,
  );
});
