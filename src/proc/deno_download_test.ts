import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { ROOT, Running, TempFolder, until } from "../../tests/e2e/harness.ts";
import { denoPackage, DenoRegistry } from "../../tests/fakes/deno_registry.ts";
import type { Misbehaviour } from "../../tests/fakes/release_server.ts";
import { SmallDisk, unlessTmpfs } from "../../tests/fakes/small_disk.ts";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { type ErrorCode, KmError } from "../core/error.ts";
import { checkCopy, findUnfinished } from "./deno_copy.ts";
import { type DenoDownload, downloadDeno } from "./deno_download.ts";

const VERSION = "2.9.6";
const TARGET = Deno.build.target;
const WINDOWS = Deno.build.os === "windows";
const NAME = WINDOWS ? "package/deno.exe" : "package/deno";
const SIZE_BYTES = 65_536;
const SMALL = denoPackage(crypto.getRandomValues(new Uint8Array(SIZE_BYTES)), NAME);

const real = denoPackage(await Deno.readFile(Deno.execPath()), NAME);

function small(registry: DenoRegistry, folder: string): DenoDownload {
  return { registry: registry.url, pin: SMALL.pin, version: VERSION, target: TARGET, folder };
}

/** All files under `folder`, but for the empty lock. */
function files(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? files(`${folder}/${name}`).map((inner) => `${name}/${inner}`)
      : name === "lock"
      ? []
      : [name]
  );
}

/** The error that `download` ends with. */
async function failure(download: DenoDownload): Promise<KmError> {
  let caught: unknown;
  await rejects(downloadDeno(download), (error) => {
    caught = error;
    return true;
  });
  ok(caught instanceof KmError, String(caught));
  return caught;
}

/** What the program says, once no process that another test starts this moment still has it open for writing ("text file busy"). */
async function versionOf(path: string): Promise<string> {
  for (let attempt = 1;; attempt++) {
    try {
      const command = new Deno.Command(path, { args: ["--version"], env: { NO_COLOR: "1" } });
      return new TextDecoder().decode((await command.output()).stdout);
    } catch (error) {
      if (attempt === 50 || !/\(os error 26\)/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

Deno.test("downloadDeno() installs a Deno that runs, for the user alone, and asks no second time", async () => {
  verifies("runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(real.tarball, VERSION);
  const folder = `${home.path}/runtime`;
  const seen: (readonly [number, number | null])[] = [];
  const download = { registry: registry.url + "/", pin: real.pin, version: VERSION, target: TARGET, folder };
  const path = await downloadDeno({ ...download, onProgress: (...at) => seen.push(at) });
  deepStrictEqual(registry.server.requests, [`/@deno/for-tests/-/for-tests-${VERSION}.tgz`]);
  deepStrictEqual(seen.at(-1), [real.tarball.length, real.tarball.length]);
  match(await versionOf(path), new RegExp(`^deno ${Deno.version.deno} `));
  if (!WINDOWS) {
    const mode = (at: string) => (Deno.statSync(at).mode ?? 0) & 0o777;
    const inner = path.replace(/\/deno$/, "");
    deepStrictEqual([mode(folder), mode(inner), mode(path)], [0o700, 0o700, 0o755]);
  }
  equal(await downloadDeno(download), path);
  equal(registry.server.requests.length, 1);
});

const HALF_BYTES = Math.floor(SMALL.tarball.length / 2);

const FAULTS: readonly (readonly [string, Misbehaviour, ErrorCode, RegExp])[] = [
  ["is a 404", { kind: "missing" }, "download_failed", /: there is no such file \(404\)$/],
  ["is a 401", { kind: "status", status: 401 }, "download_failed", /: the server answers with status 401$/],
  ["is cut", { kind: "cut", afterBytes: HALF_BYTES }, "download_failed", /^Cannot download "http:.*": ./],
  [
    "stalls",
    { kind: "stall", afterBytes: HALF_BYTES },
    "download_failed",
    /: no more than .* came for 0\.2 s$/,
  ],
  [
    "is half of it",
    { kind: "bytes", bytes: SMALL.tarball.slice(0, HALF_BYTES) },
    "not_trusted",
    /its SHA-512/,
  ],
  [
    "is something else",
    { kind: "bytes", bytes: "<html>" },
    "not_trusted",
    /its SHA-512 is not the pinned one$/,
  ],
];

for (const [what, answer, code, message] of FAULTS) {
  Deno.test(`downloadDeno() ends with ${code} and leaves nothing when the answer ${what}`, async () => {
    verifies("runtime-download");
    using home = new TempFolder();
    await using registry = new DenoRegistry(SMALL.tarball, VERSION);
    registry.server.misbehave(registry.path, answer);
    const limitMs = answer.kind === "stall" ? 200 : 20_000;
    const error = await failure({ ...small(registry, home.path), limitMs });
    equal(error.code, code, error.message);
    match(error.message, message);
    ok(error.hint);
    deepStrictEqual(files(home.path), []);
  });
}

Deno.test("downloadDeno() installs no executable with another hash than the pinned one", async () => {
  verifies("runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(SMALL.tarball, VERSION);
  const pin = { ...SMALL.pin, sha256: "0".repeat(64) };
  const { code, message } = await failure({ ...small(registry, home.path), pin });
  equal(code, "not_trusted");
  match(message, /executable has another SHA-256/);
  deepStrictEqual(files(home.path), []);
});

for (
  const [what, contents] of [["no Deno", denoPackage(new Uint8Array(9), "package/node")], [
    "no archive",
    null,
  ]] as const
) {
  Deno.test(`downloadDeno() says so when the pinned package holds ${what}`, async () => {
    using home = new TempFolder();
    const tarball = contents?.tarball ?? new TextEncoder().encode("no archive at all");
    const { integrity } = contents?.pin ?? {
      integrity: `sha512-${new Uint8Array(await crypto.subtle.digest("SHA-512", tarball)).toBase64()}`,
    };
    await using registry = new DenoRegistry(tarball, VERSION);
    const { code, message } = await failure({
      ...small(registry, home.path),
      pin: { ...SMALL.pin, integrity },
    });
    equal(code, "not_trusted");
    match(message, /^Cannot unpack http:/);
    deepStrictEqual(files(home.path), []);
  });
}

Deno.test("downloadDeno() needs a registry that is one, and a network", async () => {
  verifies("runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(SMALL.tarball, VERSION);
  const at = (url: string | null) => failure({ ...small(registry, home.path), registry: url });
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  const errors = [
    await at(null),
    await at("not an address"),
    await at("file:///x"),
    await at(`http://u:secret@127.0.0.1:${port}`),
  ];
  deepStrictEqual(errors.map(({ code }) => code), Array(4).fill("download_failed"));
  match(errors[0]?.hint ?? "", /NPM_CONFIG_REGISTRY/);
  ok(!errors[3]?.message.includes("secret"), errors[3]?.message);
  match(errors[3]?.message ?? "", /refused/i);
});

Deno.test("downloadDeno() stops when it is told to, and leaves nothing", async () => {
  verifies("runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(SMALL.tarball, VERSION);
  registry.server.misbehave(registry.path, { kind: "stall", afterBytes: HALF_BYTES });
  const stop = new AbortController();
  const download = downloadDeno({
    ...small(registry, home.path),
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await rejects(download, { name: "AbortError" });
  deepStrictEqual(files(home.path), []);
});

Deno.test("downloadDeno() downloads once when two start at once", async () => {
  verifies("runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(SMALL.tarball, VERSION);
  const one = small(registry, home.path);
  const [first, second] = await Promise.all([downloadDeno(one), downloadDeno(one)]);
  equal(first, second);
  equal(registry.server.requests.length, 1);
  equal((await checkCopy({ ...one, sha256: SMALL.pin.sha256 })).kind, "sound");
});

Deno.test("downloadDeno() replaces a copy that was changed", async () => {
  verifies("runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(SMALL.tarball, VERSION);
  const one = small(registry, home.path);
  const copy = { ...one, sha256: SMALL.pin.sha256 };
  const path = await downloadDeno(one);
  equal((await checkCopy(copy)).kind, "sound");
  await Deno.writeFile(path, new Uint8Array(SIZE_BYTES));
  equal((await checkCopy(copy)).kind, "broken");
  await downloadDeno(one);
  equal((await checkCopy(copy)).kind, "sound");
  equal(files(home.path).length, 1);
});

testUnless(
  unlessOs("linux", "darwin"),
  "a download that was killed leaves nothing that is used, and the next one cleans up",
  async () => {
    verifies("runtime-download");
    using home = new TempFolder();
    await using registry = new DenoRegistry(real.tarball, VERSION);
    const download = {
      registry: registry.url,
      pin: real.pin,
      version: VERSION,
      target: TARGET,
      folder: home.path,
    };
    await using process = new Running([JSON.stringify(download)], {
      home: home.path,
      command: [Deno.execPath(), "run", "-A", `${ROOT}tests/fakes/deno_downloader.ts`],
    });
    const started = () => files(home.path).some((name) => name.includes("/.deno."));
    await until(started, "the unpacking");
    process.kill("SIGKILL");
    await process.exit();
    const copy = { ...download, sha256: real.pin.sha256 };
    // It may have come to its end before the signal came.
    if ((await checkCopy(copy)).kind === "none") equal((await findUnfinished(home.path)).length, 1);
    await downloadDeno(download);
    deepStrictEqual(files(home.path).map((name) => name.split("/").at(-1)), [WINDOWS ? "deno.exe" : "deno"]);
    equal((await checkCopy(copy)).kind, "sound");
  },
);

testUnless(
  unlessTmpfs(),
  "downloadDeno() ends with store_full on a full disk, and leaves nothing",
  async () => {
    verifies("runtime-download");
    using disk = new SmallDisk("1m");
    const large = denoPackage(new Uint8Array(4_000_000), NAME);
    await using registry = new DenoRegistry(large.tarball, VERSION);
    const error = await failure({ ...small(registry, disk.path), pin: large.pin });
    deepStrictEqual([error.code, files(disk.path)], ["store_full", []]);
    ok(error.hint);
  },
);
