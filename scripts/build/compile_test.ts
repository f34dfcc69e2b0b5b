/** `deno task compile`: what it builds, what it says, and how it ends. @module */
import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { DENO_PINS, EMBEDDED_RUNTIME } from "../../src/proc/deno_pins.ts";
import denoJson from "../../deno.json" with { type: "json" };
import { ROOT, TempFolder } from "../../tests/e2e/harness.ts";
import { TestBundle } from "../../tests/bundle.ts";
import { testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import type { BuiltFile } from "./compile.ts";
import { embedRuntime } from "./compiled.ts";
import { denortRefusal, targetOfExecutable } from "./denort.ts";
import { PERMISSIONS, RUN_FLAGS } from "./permissions.ts";
import { filesIn } from "./payload_hash.ts";
import { runDeno } from "./run_deno.ts";
import { fileName, type Target, TARGET_NAMES, TARGETS } from "./targets.ts";

const TARGET = Deno.build.target as Target;
const FILE = fileName(denoJson.version, TARGET);

/** A program of this system in the place of denort: what is made around it does not start, but holds what it would. */
const NO_BASE = Deno.build.os === "linux" ? null : "needs an ELF program as the base";
const BASE = "/bin/true";

/** Deno asks this port for denort: nobody listens there. */
const NO_NETWORK = { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };

/** Once fetched, denort needs no network. */
const WITH_DENORT = await denortInCache() ? "denort is in Deno's cache" : null;

async function denortInCache(): Promise<boolean> {
  const { denoDir } = JSON.parse(await runDeno(["info", "--json"], ROOT)) as { denoDir: string };
  const names = await Array.fromAsync(Deno.readDir(`${denoDir}/dl/release/v${Deno.version.deno}`)).catch(
    () => [],
  );
  return names.some(({ name }) => name.startsWith("denort-"));
}

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the task with no denort in Deno's cache and no way to fetch one, unless `env` says otherwise. */
async function compile(args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "compile", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...NO_NETWORK, DENORT_BIN: "", ...env },
    stdin: "null",
    signal: AbortSignal.timeout(300_000),
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

testUnless(
  WITH_DENORT,
  "deno task compile builds the portable file for this machine, says why, and what it made",
  async () => {
    verifies("build-compile-task", "build-denort-fallback");
    using folder = new TempFolder();
    const out = `${folder.path}/new/dist`;
    const { code, out: said, err } = await compile(["--out", out, "--version-stamp", "9.8.7"]);
    const path = `${out}/${fileName("9.8.7", TARGET)}`;
    assert.equal(code, 0, err);
    assert.match(err, /^km: note: denort cannot be had \([^\n]+\): building the portable file\n$/);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(out))).map(({ name }) => `${out}/${name}`), [path]);
    const { size } = await Deno.stat(path);
    assert.match(
      said,
      new RegExp(`^${path}\n  kind +portable\n  size +${size} bytes\n  sha256 +[0-9a-f]{64}\n`),
    );
    assert.match(said, /\n {2}payload +[0-9a-f]{64}\n {2}start +first \d+ ms, then \d+ ms\n$/);
    // The stamp is in it, commit and target too.
    const env = { HOME: folder.path, KM_HOME: `${folder.path}/km`, XDG_CACHE_HOME: `${folder.path}/cache` };
    const version = await new Deno.Command(path, { args: ["--version"], env }).output();
    assert.equal(new TextDecoder().decode(version.stdout), "km 9.8.7\n");
  },
);

testUnless(
  NO_BASE,
  "with DENORT_BIN it is a compiled file that holds bundle, workers and assets",
  async () => {
    verifies("build-denort-compiled", "build-graph-complete", "build-permissions");
    using folder = new TempFolder();
    const bytes = await Deno.readFile((await compileAround(BASE, folder.path)).path);
    const base = await Deno.readFile(BASE);
    assert.deepEqual(bytes.subarray(0, 4), base.subarray(0, 4));
    const text = new TextDecoder("latin1").decode(bytes);
    assert.ok(text.includes(`"entrypoint_key":"main.js"`));
    const { permissions, workspace_resolver: resolver, unstable_config: unstable } = metadataIn(text);
    for (const flag of Object.keys(PERMISSIONS)) {
      assert.deepEqual(permissions[flag.slice("--".length).replace("-", "_")], [], flag);
    }
    assert.equal(permissions.prompt, false);
    assert.equal(resolver.import_map, null);
    assert.deepEqual(unstable.features, ["no-legacy-abort"]);
  },
);

testUnless(NO_BASE, "a file that does not start takes no name, and no good file's place", async () => {
  verifies("build-compile-task");
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/${FILE}`, "a good one");
  const { code, out, err } = await compile(["--out", folder.path], { DENORT_BIN: BASE });
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^km: error: Cannot start ".*": it ended with 0 and said: [^\n]*\n/);
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), [FILE]);
  assert.equal(await Deno.readTextFile(`${folder.path}/${FILE}`), "a good one");
});

/** Compiles without trying what came of it, in a process of its own: tests that run at the same time share an environment, and would find this denort. */
async function compileAround(base: string, out: string): Promise<BuiltFile> {
  const module = new URL("compile.ts", import.meta.url);
  const options = { targets: [TARGET], out, force: "compiled", stamp: { version: "1.2.3", commit: null } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `const { compileKm } = await import("${module}");
      const [file] = await compileKm(${JSON.stringify(options)});
      console.log(JSON.stringify(file));`,
    ],
    env: { DENORT_BIN: base },
    signal: AbortSignal.timeout(180_000),
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const file: BuiltFile = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(file.kind, "compiled");
  return file;
}

testUnless(
  NO_BASE,
  "a compiled file holds every file of the bundle, and two builds are the same bytes",
  async () => {
    verifies("build-denort-compiled", "build-reproducible");
    using folder = new TempFolder();
    const one = await compileAround(BASE, `${folder.path}/one`);
    const two = await compileAround(BASE, `${folder.path}/two`);
    assert.deepEqual([one.payloadSha256, one.sha256], [two.payloadSha256, two.sha256]);
    using bundle = await TestBundle.make();
    const text = new TextDecoder("latin1").decode(await Deno.readFile(one.path));
    for (const name of await filesIn(bundle.folder)) {
      // A chunk that knows the build has another name here.
      const known = name.replace(/-[0-9a-f]{8}\.js$/, "-");
      assert.ok(text.includes(`"${known.slice(known.lastIndexOf("/") + 1)}`), name);
    }
  },
);

testUnless(
  WITH_DENORT,
  "deno task compile --all builds what can be built, says why not in one line each, and fails",
  async () => {
    verifies("build-compile-task", "build-denort-fallback");
    using folder = new TempFolder();
    const { code, out, err } = await compile(["--all", "--out", folder.path]);
    const built = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name).sort();
    assert.ok(built.includes(FILE));
    assert.deepEqual([...out.matchAll(/^.*\/(km-\S+)$/gm)].map(([, name]) => name), built);
    const refused = [...err.matchAll(/^km: error: (\S+): Cannot .+$/gm)].map(([, target]) => target);
    const expected = TARGET_NAMES.filter((target) => !built.includes(fileName(denoJson.version, target)));
    assert.deepEqual(refused, expected);
    assert.equal(code, expected.length === 0 ? 0 : 1);
    assert.equal(err.trimEnd().split("\n").length, expected.length + 1, "one line each, and the note");
    for (const target of TARGET_NAMES.filter((name) => TARGETS[name].os === "windows")) {
      assert.match(err, new RegExp(`^km: error: ${target}: Cannot build ${target} without denort`, "m"));
    }
  },
);

testUnless(WITH_DENORT, "deno task compile for Windows without denort names DENORT_BIN", async () => {
  verifies("build-denort-fallback");
  using folder = new TempFolder();
  const { code, out, err } = await compile(["--target", "x86_64-pc-windows-msvc", "--out", folder.path]);
  assert.deepEqual([code, out], [30, ""]);
  assert.match(
    err,
    /^km: error: Cannot build x86_64-pc-windows-msvc without denort .*\nkm: hint: DENORT_BIN=<file> .*\n$/,
  );
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

testUnless(WITH_DENORT, "deno task compile for a system without pin and denort says both", async () => {
  verifies("build-denort-fallback");
  const target = TARGET_NAMES.find((name) => TARGETS[name].os !== "windows" && DENO_PINS[name] === undefined);
  if (target === undefined) return;
  using folder = new TempFolder();
  const { code, err } = await compile(["--target", target, "--out", folder.path]);
  assert.equal(code, 30);
  assert.match(
    err,
    /^km: error: Cannot get Deno .* has no pin for it; and denort cannot be had \([^\n]+\)\nkm: hint: .*pin_deno\.ts .*DENORT_BIN=<file>/,
  );
});

Deno.test("a failure of deno compile that is not about denort is an error", () => {
  verifies("build-denort-fallback");
  assert.equal(denortRefusal("error: Writing binary bytes\n\nCaused by:\n    0: Invalid object\n"), null);
  assert.equal(denortRefusal("error: No space left on device (os error 28)"), null);
  const download =
    "error: Writing\n\nCaused by:\n    0: Setting up base binary.\n    1: no network\n\nStack backtrace:\n   0: <unknown>\n";
  assert.equal(denortRefusal(download), "no network");
});

const MISTAKES: readonly (readonly [string, readonly string[], Record<string, string>, RegExp])[] = [
  [
    "an unknown target",
    ["--target", "riscv"],
    {},
    /Unknown target "riscv"\nkm: hint: one of: aarch64-apple-darwin, /,
  ],
  [
    "an unknown flag",
    ["--tarball"],
    {},
    /Unknown option '--tarball'\nkm: hint: see: deno task compile --help\n$/,
  ],
  ["--all and a target", ["--all", "--target", TARGET], {}, /--all is every target/],
  ["a version that is none", ["--version-stamp", "one"], {}, /"one" is no version/],
  ["a version with a leading zero", ["--version-stamp", "01.2.3"], {}, /"01\.2\.3" is no version/],
  [
    "an address that is none",
    ["--base-url", "example"],
    {},
    /--base-url "example" is no http or https address/,
  ],
  [
    "keys that are not there",
    ["--release-keys", "/nowhere.json"],
    {},
    /Cannot use the keys in "\/nowhere\.json"/,
  ],
  ["keys that are none", ["--release-keys", "deno.json"], {}, /it is no list/],
  ["a DENORT_BIN that is not there", [], { DENORT_BIN: "/nowhere" }, /Cannot read DENORT_BIN "\/nowhere"/],
  ["a DENORT_BIN that is no program", [], { DENORT_BIN: `${ROOT}deno.json` }, /Cannot use DENORT_BIN/],
];

for (const [name, args, env, message] of MISTAKES) {
  Deno.test(`deno task compile refuses ${name}`, async () => {
    verifies("build-compile-task");
    using folder = new TempFolder();
    const { code, out, err } = await compile([...args, "--out", folder.path], env);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, message);
    assert.match(err, /^km: error: [^\n]+\nkm: hint: [^\n]+\n$/);
    assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  });
}

Deno.test("deno task compile --help names every flag and target", async () => {
  verifies("build-compile-task");
  const { code, out, err } = await compile(["--help"]);
  assert.deepEqual([code, err], [0, ""]);
  for (const target of TARGET_NAMES) assert.ok(out.includes(target), target);
  for (const flag of ["--target", "--all", "--out", "--with-runtime", "--portable", "--base-url"]) {
    assert.ok(out.includes(flag), flag);
  }
});

Deno.test("targetOfExecutable() tells executables of all systems apart", async () => {
  verifies("build-denort-compiled");
  using folder = new TempFolder();
  const heads: Readonly<Record<Target, readonly [number, readonly number[]][]>> = {
    "x86_64-unknown-linux-gnu": [[0, [0x7f, 0x45, 0x4c, 0x46]], [18, [62, 0]]],
    "aarch64-unknown-linux-gnu": [[0, [0x7f, 0x45, 0x4c, 0x46]], [18, [183, 0]]],
    "x86_64-apple-darwin": [[0, [0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]]],
    "aarch64-apple-darwin": [[0, [0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1]]],
    "x86_64-pc-windows-msvc": [[0, [0x4d, 0x5a]], [0x3c, [0x80]], [0x80, [0x50, 0x45, 0, 0, 0x64, 0x86]]],
    "aarch64-pc-windows-msvc": [[0, [0x4d, 0x5a]], [0x3c, [0x80]], [0x80, [0x50, 0x45, 0, 0, 0x64, 0xaa]]],
  };
  for (const target of TARGET_NAMES) {
    const bytes = new Uint8Array(512);
    for (const [at, part] of heads[target]) bytes.set(part, at);
    await Deno.writeFile(`${folder.path}/base`, bytes);
    assert.equal(await targetOfExecutable(`${folder.path}/base`), target);
  }
  await Deno.writeFile(`${folder.path}/base`, new Uint8Array(3));
  await assert.rejects(targetOfExecutable(`${folder.path}/base`), { code: "usage" });
});

Deno.test("embedRuntime() puts the executable where a compiled km looks for it", async () => {
  verifies("build-denort-compiled");
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/deno`, "an executable ".repeat(1000));
  await embedRuntime(`${folder.path}/app`, `${folder.path}/deno`);
  const packed = await Deno.readFile(`${folder.path}/app/${EMBEDDED_RUNTIME}`);
  assert.ok(packed.length < 200);
  assert.equal(new TextDecoder().decode(zstdDecompressSync(packed)), "an executable ".repeat(1000));
});

Deno.test("a built km has named permissions, each with its reason, and not --allow-all", () => {
  verifies("build-permissions");
  for (const [flag, reason] of Object.entries(PERMISSIONS)) {
    assert.match(flag, /^--allow-[a-z]+(=|$)/);
    assert.ok(reason.length > 20, flag);
    assert.ok(RUN_FLAGS.includes(flag), flag);
  }
  for (const all of ["-A", "--allow-all"]) assert.ok(!RUN_FLAGS.includes(all));
  for (const kept of ["--no-prompt", "--no-remote", "--no-npm", "--no-config", "--cached-only"]) {
    assert.ok(RUN_FLAGS.includes(kept), kept);
  }
});

interface Metadata {
  readonly permissions: Readonly<Record<string, unknown>>;
  readonly workspace_resolver: { readonly import_map: unknown };
  readonly unstable_config: { readonly features: readonly string[] };
}

/** What `deno compile` wrote about how to run it. */
function metadataIn(text: string): Metadata {
  const start = text.indexOf('{"argv":');
  const end = text.indexOf('"app_name":"km"}', start) + '"app_name":"km"}'.length;
  return JSON.parse(text.slice(start, end)) as Metadata;
}
