/** km plugins install of every package that must be refused: its own message, its exit code, and nothing is installed or written. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import type { Manifest } from "../../src/plugins/manifest.ts";
import { MAX_PACKAGE_BYTES } from "../../src/plugins/package/archive.ts";
import { fingerprint } from "../../src/plugins/package/signature.ts";
import { signedPackage, strangePublisher, testManifest, testPublisher } from "../fakes/plugin_packages.ts";
import {
  importingPackages,
  malformedPackages,
  type RefusedPackage,
  unbelievablePackages,
  unusablePackages,
} from "../fakes/refused_packages.ts";
import { verifies } from "../verifies.ts";
import { type Ended, readJson, runKm, TempFolder } from "./harness.ts";

/** Everything that the plugin of `testManifest` asks for. */
const GRANTS = ["servers=*", "methods=*", "directions=client_to_server"].flatMap((
  token,
) => ["--grant", token]);

/** A KM_HOME, and packages beside it. */
class InstallingHome implements Disposable {
  readonly #folder = new TempFolder();
  readonly home = `${this.#folder.path}/home`;

  /** Where nothing is installed; or release 12 of "quiet" by "Acme", whose key is pinned with it. */
  static async create(installed: boolean): Promise<InstallingHome> {
    const home = new InstallingHome();
    Deno.mkdirSync(home.home, { mode: 0o700 });
    if (installed) {
      const { code, err } = await home.install(await signedPackage(await testPublisher()));
      assert.equal(code, 0, err);
    }
    return home;
  }

  async install(bytes: Uint8Array, grants: readonly string[] = GRANTS): Promise<Ended> {
    const path = `${this.#folder.path}/x.kmpkg`;
    await Deno.writeFile(path, bytes);
    return await this.run(["plugins", "install", path, ...grants]);
  }

  run(args: readonly string[]): Promise<Ended> {
    return runKm(args, { home: this.home, cwd: this.#folder.path });
  }

  /** Installs, and checks that it was refused as it should be and that all is as before. */
  async refused({ bytes, said, code }: Omit<RefusedPackage, "name">): Promise<void> {
    const before = filesBelow(this.home);
    const { code: exit, out, err } = await this.install(bytes);
    assert.match(err, said);
    assert.match(err, /^km: error: [^\n]*\nkm: hint: [^\n]*\n$/);
    assert.equal(exit, EXIT_CODES[code]);
    assert.equal(out, "");
    assert.deepEqual(filesBelow(this.home), before);
  }

  async versions(): Promise<string[]> {
    const plugins = await readJson<{ name: string; version: string }>(["plugins", "list"], this.home);
    return plugins.map(({ name, version }) => `${name} ${version}`);
  }

  [Symbol.dispose](): void {
    makeWritable(this.home);
    this.#folder[Symbol.dispose]();
  }
}

/** Path, mode and bytes of all that is below a folder. */
function filesBelow(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    const mode = (Deno.lstatSync(path).mode ?? 0).toString(8);
    return isDirectory
      ? [`${path} ${mode}`, ...filesBelow(path)]
      : [`${path} ${mode} ${Deno.readFileSync(path).toBase64()}`];
  }).sort();
}

/** What is installed may not be written, so it could not be removed either. */
function makeWritable(folder: string): void {
  if (Deno.build.os === "windows") return;
  Deno.chmodSync(folder, 0o700);
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) makeWritable(`${folder}/${name}`);
  }
}

Deno.test("km plugins install refuses packages that are none, each with a message of its own", async (t) => {
  verifies(
    "kmpkg-format",
    "plugin-never-asked",
    "refuse-tampered",
    "refuse-duplicate",
    "refuse-extra",
    "refuse-link",
    "refuse-paths",
    "refuse-bomb",
    "refuse-sizes",
  );
  using home = await InstallingHome.create(false);
  for (const { name, ...refused } of await malformedPackages(await testPublisher())) {
    await t.step(name, () => home.refused(refused));
  }
  assert.deepEqual(await home.versions(), []);
});

Deno.test("km plugins install refuses packages of nobody, of another key, and changed ones", async (t) => {
  verifies("refuse-unsigned", "refuse-wrong-key", "refuse-tampered", "kmpkg-signature");
  using home = await InstallingHome.create(true);
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  for (const { name, ...refused } of await unbelievablePackages(mine, other)) {
    const known = fingerprint(mine.publicKey);
    const said = name === "wrong-key"
      ? new RegExp(`THE KEY OF "Acme" IS ANOTHER ONE\\. Known here: ${known}\\. This package: `)
      : refused.said;
    await t.step(name, () => home.refused({ ...refused, said }));
  }
  assert.deepEqual(await home.versions(), ["quiet 1.2.0"]);
});

Deno.test("km plugins install refuses packages that may not run here and now", async (t) => {
  verifies(
    "refuse-expired",
    "refuse-downgraded",
    "refuse-other-customer",
    "refuse-higher-tier",
    "refuse-newer-protocol",
  );
  using home = await InstallingHome.create(true);
  for (const { name, ...refused } of await unusablePackages(await testPublisher())) {
    await t.step(name, () => home.refused(refused));
  }
  assert.deepEqual(await home.versions(), ["quiet 1.2.0"]);
});

Deno.test("km plugins install refuses code that imports, before anything of it is written", async (t) => {
  verifies("plugin-imports-refused");
  using home = await InstallingHome.create(false);
  for (const { name, ...refused } of await importingPackages(await testPublisher())) {
    await t.step(name, () => home.refused(refused));
  }
});

Deno.test("km plugins install without a terminal refuses a plugin that wants more than --grant spells out", async () => {
  verifies("refuse-wider");
  using home = await InstallingHome.create(false);
  const { permissions } = testManifest();
  const key = await testPublisher();
  const wider: Partial<Manifest> = { permissions: { ...permissions, net: ["api.example.com:443"] } };
  const before = filesBelow(home.home);
  const wide = await home.install(await signedPackage(key, wider));
  assert.equal(wide.code, EXIT_CODES.not_granted, wide.err);
  assert.match(
    wide.err,
    /^km: error: Cannot install quiet 1\.2\.0: it was not granted net=api\.example\.com:443, and there is no terminal to ask\nkm: hint: if it may do all that: km plugins install .* --grant net=api\.example\.com:443 /m,
  );
  const none = await home.install(await signedPackage(key), []);
  assert.equal(none.code, EXIT_CODES.not_granted, none.err);
  assert.match(none.err, /it was not granted servers=\*, methods=\*, directions=client_to_server, and/);
  assert.deepEqual(filesBelow(home.home), before);
  assert.deepEqual(await home.versions(), []);
});

Deno.test("km plugins install of an update that wants more leaves the old version at work", async () => {
  verifies("refuse-wider");
  using home = await InstallingHome.create(true);
  const { permissions } = testManifest();
  const wider = {
    version: "1.3.0",
    releaseSequence: 13,
    permissions: { ...permissions, data: { ...permissions.data, payload: "full" as const } },
  };
  const { code, err } = await home.install(await signedPackage(await testPublisher(), wider));
  assert.equal(code, EXIT_CODES.not_granted, err);
  assert.match(
    err,
    /^km: error: quiet 1\.3\.0 waits: it was not granted payload=full; 1\.2\.0 goes on\nkm: hint: .*km plugins grant quiet --grant payload=full$/m,
  );
  assert.deepEqual(await home.versions(), ["quiet 1.2.0"]);
});

Deno.test("km plugins install reads no more of an address than a package may have", async () => {
  verifies("refuse-bomb");
  using home = await InstallingHome.create(false);
  const endless = () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }),
    );
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, endless);
  const address = `http://127.0.0.1:${server.addr.port}/quiet.kmpkg`;
  const { code, err } = await home.run(["plugins", "install", address, ...GRANTS]);
  assert.equal(code, EXIT_CODES.download_failed, err);
  assert.match(
    err,
    /^km: error: Cannot download ".*": it is larger than 8\.4 MB\nkm: hint: nothing was installed/,
  );
  assert.ok(MAX_PACKAGE_BYTES < 8.4e6);
  assert.deepEqual(filesBelow(home.home), []);
});
