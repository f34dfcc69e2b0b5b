/** Deno's executable is the pinned one or none. @module */
import assert from "node:assert/strict";
import { createTarGzip } from "nanotar";
import { DENO_PINS, DENO_VERSION } from "../../src/proc/deno_pins.ts";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { integrityOf, pinnedDeno, sha256 } from "./get_deno.ts";
import { pinsText, readPin, renewPins } from "./pin_deno.ts";
import { hostTarget, TARGET_NAMES, TARGETS } from "./targets.ts";

const TARGET = "aarch64-unknown-linux-gnu";
const NAME = TARGETS[TARGET].npm;
const EXECUTABLE = new TextEncoder().encode("an executable\n");

/** A PATH on which npm gives `tarball`, whatever is asked, and counts. */
async function withNpm(folder: string, tarball: Uint8Array, run: () => Promise<void>): Promise<void> {
  await Deno.writeFile(`${folder}/given.tgz`, tarball);
  const script =
    `#!/bin/sh\necho "$*" >>"${folder}/asked"\nwhile [ $# -gt 0 ]; do [ "$1" = --pack-destination ] && cp "${folder}/given.tgz" "$2/p.tgz"; shift; done\n`;
  await Deno.writeTextFile(`${folder}/npm`, script, { mode: 0o755 });
  const before = Deno.env.get("PATH") ?? "";
  Deno.env.set("PATH", `${folder}:${before}`);
  try {
    await run();
  } finally {
    Deno.env.set("PATH", before);
  }
}

async function packed(executable: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return await createTarGzip([{ name: "package/package.json", data: "{}" }, {
    name: "package/deno",
    data: executable,
    attrs: { mode: "755" },
  }]);
}

testUnless(unlessOs("linux", "darwin"), "pinnedDeno() downloads once, verifies, and keeps it", async () => {
  verifies("build-deno-pinned");
  using folder = new TempFolder();
  const tarball = await packed(EXECUTABLE);
  const source = {
    cache: `${folder.path}/cache`,
    pins: { [TARGET]: { package: NAME, integrity: integrityOf(tarball), sha256: sha256(EXECUTABLE) } },
  };
  await withNpm(folder.path, tarball, async () => {
    const path = await pinnedDeno(TARGET, source);
    assert.equal(path, `${folder.path}/cache/${DENO_VERSION}-${TARGET}/deno`);
    assert.deepEqual(await Deno.readFile(path), EXECUTABLE);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o755);
    assert.equal(await pinnedDeno(TARGET, source), path);
    // A copy that was changed is not used.
    await Deno.writeTextFile(path, "something else");
    assert.deepEqual(await Deno.readFile(await pinnedDeno(TARGET, source)), EXECUTABLE);
    const folderOfIt = path.slice(0, path.lastIndexOf("/"));
    assert.deepEqual([...Deno.readDirSync(folderOfIt)].map(({ name }) => name), ["deno"]);
  });
  const asked = (await Deno.readTextFile(`${folder.path}/asked`)).trim().split("\n");
  assert.equal(asked.length, 2);
  assert.match(asked[0] ?? "", new RegExp(`^pack ${NAME}@${DENO_VERSION} `));
});

testUnless(
  unlessOs("linux", "darwin"),
  "pinnedDeno() refuses a tarball or executable that is not the pinned one",
  async () => {
    verifies("build-deno-pinned");
    using folder = new TempFolder();
    const tarball = await packed(EXECUTABLE);
    const pin = { package: NAME, integrity: integrityOf(tarball), sha256: sha256(EXECUTABLE) };
    const cache = `${folder.path}/cache`;
    await withNpm(folder.path, tarball, async () => {
      for (const wrong of [{ integrity: integrityOf(EXECUTABLE) }, { sha256: sha256(tarball) }]) {
        await assert.rejects(pinnedDeno(TARGET, { cache, pins: { [TARGET]: { ...pin, ...wrong } } }), {
          name: "KmError",
          code: "not_trusted",
          message: /^Cannot use Deno: .* is not what src\/proc\/deno_pins\.ts says$/,
        });
      }
    });
    // Nothing was unpacked or kept.
    await assert.rejects(Deno.stat(`${cache}/${DENO_VERSION}-${TARGET}/deno`), Deno.errors.NotFound);
  },
);

Deno.test("pinnedDeno() names the script that pins when a target has no pin", async () => {
  verifies("build-deno-pinned");
  await assert.rejects(pinnedDeno(TARGET, { pins: {} }), {
    code: "unsupported",
    message: `Cannot get Deno ${DENO_VERSION} for ${TARGET}: src/proc/deno_pins.ts has no pin for it`,
    hint: /deno run -A scripts\/build\/pin_deno\.ts/,
  });
});

Deno.test("pinnedDeno() takes the running Deno when that is the pinned one", async () => {
  verifies("build-deno-pinned");
  const own = await Deno.readFile(Deno.execPath());
  const pins = { [TARGET]: { package: NAME, integrity: "sha512-", sha256: sha256(own) } };
  assert.equal(await pinnedDeno(TARGET, { pins }), Deno.execPath());
});

Deno.test("deno_pins.ts is what pin_deno.ts writes for its pins", async () => {
  verifies("build-deno-pinned");
  const path = new URL("../../src/proc/deno_pins.ts", import.meta.url);
  assert.equal(await pinsText(DENO_VERSION, DENO_PINS), await Deno.readTextFile(path));
  for (const [target, pin] of Object.entries(DENO_PINS)) {
    assert.ok(TARGET_NAMES.some((name) => name === target), target);
    assert.equal(pin?.version, DENO_VERSION);
  }
  const other = await pinsText("9.9.9", {});
  assert.match(other, /DENO_VERSION = "9\.9\.9"/);
  assert.match(other, /DENO_PINS: .* = \{\};/);
});

Deno.test("renewPins() keeps a pin that cannot be read again only when it is of the same version", async () => {
  verifies("build-deno-pinned");
  const pin = (version: string) => ({ package: NAME, version, integrity: "sha512-", sha256: "0" });
  const other = "x86_64-apple-darwin";
  const before = { [TARGET]: pin("3.0.0"), [other]: pin("2.9.6") };
  const none = () => Promise.reject(new Error("no registry"));
  const { pins, told } = await renewPins("3.0.0", before, none);
  assert.deepEqual(pins, { [TARGET]: pin("3.0.0") });
  assert.ok(told.includes(`${TARGET}  the pin of before stays: no registry`));
  assert.ok(told.includes(`${other}  missing: no registry`));
  const read = (target: string) => target === other ? Promise.resolve(pin("3.0.0")) : none();
  assert.deepEqual((await renewPins("3.0.0", { [TARGET]: pin("2.9.6") }, read)).pins, {
    [other]: pin("3.0.0"),
  });
});

testUnless(
  await noRegistry(),
  "readPin() reads from npm's registry what is pinned for this machine",
  async () => {
    verifies("build-deno-pinned");
    assert.deepEqual(await readPin(hostTarget(), DENO_VERSION), DENO_PINS[hostTarget()]);
  },
);

/** Why npm cannot be asked; null when it can. */
async function noRegistry(): Promise<string | null> {
  const missing = missingProgram("npm");
  if (missing !== null) return missing;
  if (DENO_PINS[Deno.build.target] === undefined) return `no pin for ${Deno.build.target}`;
  const { success } = await new Deno.Command(Deno.build.os === "windows" ? "npm.cmd" : "npm", {
    args: ["view", `${TARGETS[hostTarget()].npm}@${DENO_VERSION}`, "version", "--fetch-retries=0"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success ? null : "npm's registry does not answer";
}
