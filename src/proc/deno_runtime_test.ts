import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { denoPackage, DenoRegistry } from "../../tests/fakes/deno_registry.ts";
import { missingProgram, testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { checkCopy, copyPath } from "./deno_copy.ts";
import { DENO_VERSION } from "./deno_pins.ts";
import { copyOf, type DenoPlaces, findDeno, lookForDeno } from "./deno_runtime.ts";
import { isTestedDeno } from "./deno_version.ts";

const TARGET = Deno.build.target;
const REAL = Deno.execPath();
const DENO_NAME = Deno.build.os === "windows" ? "package/deno.exe" : "package/deno";
const UNIX = unlessOs("linux", "darwin");

/** Places with nothing in them. */
function noPlaces(home: string): DenoPlaces {
  return {
    chosen: null,
    own: null,
    folder: `${home}/runtime`,
    target: TARGET,
    pin: null,
    embedded: null,
    onPath: [],
    env: {},
  };
}

async function pinOf(bytes: Uint8Array<ArrayBuffer>): Promise<NonNullable<DenoPlaces["pin"]>> {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  return { package: "@deno/x", integrity: "sha512-", sha256 };
}

/** Places with km's copy in them, which is `bytes`. */
async function withCopy(places: DenoPlaces, bytes: Uint8Array<ArrayBuffer>): Promise<DenoPlaces> {
  const pinned = { ...places, pin: await pinOf(bytes) };
  const copy = copyOf(pinned);
  ok(copy);
  const path = copyPath(copy);
  await Deno.mkdir(path.replace(/[\\/][^\\/]*$/, ""), { recursive: true, mode: 0o700 });
  await Deno.writeFile(path, bytes, { mode: 0o755 });
  return pinned;
}

/** A program that says it is that version of Deno. */
function fakeDeno(folder: string, version: string): string {
  const path = `${folder}/deno-${version}`;
  Deno.writeTextFileSync(
    `${path}.c`,
    `#include <stdio.h>\nint main(void){puts("deno ${version} (stable)");}`,
  );
  const { success, stderr } = new Deno.Command("cc", { args: ["-o", path, `${path}.c`] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return path;
}

for (
  const [version, tested] of [
    ["2.9.6", true],
    ["2.9.7", true],
    ["2.9.10", true],
    ["2.9.5", false],
    ["2.10.0", false],
    ["3.9.6", false],
    ["2.9.7-rc.1", false],
    ["2.9.7+1a2b3c4", false],
    ["", false],
  ] as const
) {
  Deno.test(`Deno "${version}" is ${tested ? "" : "not "}in the range tested with 2.9.6`, () => {
    verifies("runtime-order");
    equal(isTestedDeno(version, "2.9.6"), tested);
  });
}

Deno.test("findDeno() takes KM_DENO, then km's own, then its copy, then the built-in one, then one on PATH", async () => {
  verifies("runtime-order");
  using home = new TempFolder();
  const bytes = crypto.getRandomValues(new Uint8Array(1000));
  const empty = noPlaces(home.path);
  const embedded = `${home.path}/deno.zst`;
  await Deno.writeFile(embedded, zstdCompressSync(bytes));
  let places: DenoPlaces = {
    ...await withCopy(empty, bytes),
    chosen: REAL,
    own: { path: REAL, version: Deno.version.deno },
    embedded,
    onPath: [REAL],
  };
  const from = async () => {
    const found = await findDeno(places);
    return found.status === "ready" ? found.from : found;
  };
  equal(await from(), "KM_DENO");
  places = { ...places, chosen: null };
  equal(await from(), "km");
  places = { ...places, own: null };
  equal(await from(), "copy");
  await Deno.remove(places.folder, { recursive: true });
  equal(await from(), "embedded");
  await Deno.remove(places.folder, { recursive: true });
  places = { ...places, embedded: null };
  equal(await from(), "PATH");
  places = { ...places, onPath: [] };
  const off = await findDeno(places);
  ok(off.status === "off");
  deepStrictEqual(off.reasons.map(({ place }) => place), ["km", "copy", "embedded", "PATH"]);
  match(off.hint, /km doctor --fix plugins\.runtime downloads it; .*KM_DENO/);
});

testUnless(UNIX, "a KM_DENO that will not do is refused, whatever else there is", async () => {
  verifies("runtime-order");
  using home = new TempFolder();
  const [script, text] = [`${home.path}/script`, `${home.path}/text`];
  const [bare, pipe] = [`${home.path}/bare`, `${home.path}/pipe`];
  Deno.writeTextFileSync(bare, `exec ${REAL} "$@"\n`, { mode: 0o755 });
  ok(new Deno.Command("mkfifo", { args: ["-m", "755", pipe] }).outputSync().success);
  Deno.writeTextFileSync(script, `#!/bin/sh\nexec ${REAL} "$@"\n`, { mode: 0o755 });
  Deno.writeTextFileSync(text, "deno", { mode: 0o644 });
  const own = { path: REAL, version: Deno.version.deno };
  for (
    const [chosen, reason] of [
      [`${home.path}/none`, /no such program/],
      ["/bin/ls", /not what it answers to/],
      [script, /a script/],
      [bare, /a script/],
      [pipe, /may not be executed/],
      [text, /may not be executed/],
    ] as const
  ) {
    const found = await findDeno({ ...noPlaces(home.path), own, onPath: [REAL], chosen });
    ok(found.status === "refused", JSON.stringify(found));
    equal(found.path, chosen);
    match(found.reason, reason);
    match(found.hint, /KM_DENO/);
  }
});

testUnless(
  UNIX ?? missingProgram("cc"),
  "a Deno of another version is passed over on PATH and as km's own, and refused as KM_DENO",
  async () => {
    verifies("runtime-order");
    using home = new TempFolder();
    const old = fakeDeno(home.path, "2.7.11");
    const places = { ...noPlaces(home.path), own: { path: old, version: "2.7.11" }, onPath: [old] };
    const off = await findDeno(places);
    ok(off.status === "off");
    match(
      off.reasons[0]?.reason ?? "",
      /it is Deno 2\.7\.11, and km is tested with Deno 2\.9\.6 or a later 2\.9/,
    );
    const found = await findDeno({ ...places, onPath: [old, REAL] });
    deepStrictEqual(found, { status: "ready", from: "PATH", path: REAL, version: Deno.version.deno });
    const refused = await findDeno({ ...places, chosen: old });
    ok(refused.status === "refused");
    match(refused.reason, /2\.7\.11/);
  },
);

testUnless(
  UNIX,
  "a copy is used only while it is what was pinned, in folders of the user alone",
  async () => {
    verifies("runtime-order");
    using home = new TempFolder();
    const bytes = crypto.getRandomValues(new Uint8Array(1000));
    const places = await withCopy(noPlaces(home.path), bytes);
    const copy = copyOf(places);
    ok(copy);
    const path = copyPath(copy);
    const look = async () => (await checkCopy(copy)).kind;
    equal(await look(), "sound");

    // Same length, same modification time: the mark of the file still tells.
    const { mtime } = await Deno.stat(path);
    await Deno.writeFile(path, bytes.toReversed());
    await Deno.utime(path, mtime ?? 0, mtime ?? 0);
    equal(await look(), "broken");
    equal((await findDeno(places)).status, "off");

    await Deno.writeFile(path, bytes);
    equal(await look(), "sound");
    for (const folder of [places.folder, path.replace(/\/deno$/, "")]) {
      await Deno.chmod(folder, 0o755);
      equal(await look(), "broken", folder);
      await Deno.chmod(folder, 0o700);
    }
    equal(await look(), "sound");
    await Deno.rename(path, `${home.path}/elsewhere`);
    await Deno.symlink(`${home.path}/elsewhere`, path);
    equal(await look(), "broken");
  },
);

Deno.test("lookForDeno() unpacks nothing, findDeno() unpacks the built-in one once, and not a changed one", async () => {
  verifies("runtime-order");
  using home = new TempFolder();
  const bytes = crypto.getRandomValues(new Uint8Array(1000));
  const embedded = `${home.path}/deno.zst`;
  await Deno.writeFile(embedded, zstdCompressSync(bytes));
  const places = { ...noPlaces(home.path), embedded, pin: await pinOf(bytes) };
  deepStrictEqual(await lookForDeno(places), { status: "packed", version: DENO_VERSION });
  const found = await findDeno(places);
  ok(found.status === "ready" && found.from === "embedded");
  deepStrictEqual(await Deno.readFile(found.path), bytes);
  const later = await findDeno(places);
  ok(later.status === "ready" && later.from === "copy");
  equal(later.path, found.path);

  await Deno.remove(places.folder, { recursive: true });
  for (const content of [zstdCompressSync(bytes.toReversed()), new Uint8Array(9)]) {
    await Deno.writeFile(embedded, content);
    const off = await findDeno(places);
    ok(off.status === "off");
    match(off.reasons.find(({ place }) => place === "embedded")?.reason ?? "", /^Cannot (use|unpack) /);
  }
});

Deno.test("findDeno() downloads one where that is allowed and there is none, and says why it could not", async () => {
  verifies("runtime-order", "runtime-download");
  using home = new TempFolder();
  const packed = denoPackage(crypto.getRandomValues(new Uint8Array(1000)), DENO_NAME);
  await using registry = new DenoRegistry(packed.tarball, DENO_VERSION);
  const places = { ...noPlaces(home.path), pin: packed.pin };
  const from = { registry: registry.url };
  const ready = await findDeno({ ...places, chosen: REAL }, from);
  ok(ready.status === "ready" && ready.from === "KM_DENO");
  equal((await findDeno(places)).status, "off");
  deepStrictEqual(registry.server.requests, []);
  const found = await findDeno(places, from);
  ok(found.status === "ready" && found.from === "copy");
  deepStrictEqual(await findDeno(places), found);
  equal(registry.server.requests.length, 1);
  await Deno.remove(places.folder, { recursive: true });
  await rejects(findDeno(places, { registry: null }), { code: "download_failed" });
  equal((await findDeno({ ...places, pin: null }, from)).status, "off");
});

Deno.test("on a system that no Deno was pinned for, that is what is said", async () => {
  verifies("runtime-order");
  using home = new TempFolder();
  const off = await findDeno({ ...noPlaces(home.path), target: "riscv64-unknown-linux-gnu" });
  ok(off.status === "off");
  match(
    off.reasons.find(({ place }) => place === "copy")?.reason ?? "",
    /knows no Deno for riscv64-unknown-linux-gnu/,
  );
  ok(!off.hint.includes("--fix"));
});
