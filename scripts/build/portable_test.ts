import assert from "node:assert/strict";
import { unpackedId } from "../../src/cli/unpacked.ts";
import { ROOT, TempFolder } from "../../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import type { Target } from "./targets.ts";
import { packPortable } from "./portable.ts";

/** What a build reads. */
const SOURCES = ["src", "plugins", "proto", "scripts/build", "main.ts", "deno.json", "deno.lock"];

/** Copies the checkout's sources, as another clone would have them. */
async function copyCheckout(to: string): Promise<void> {
  for (const source of SOURCES) await copyTree(`${ROOT}${source}`, `${to}/${source}`);
}

async function copyTree(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copyTree(`${from}/${name}`, `${to}/${name}`);
}

interface Built {
  readonly sha256: string;
  readonly path: string;
}

/** Builds in `checkout` with an environment and a umask of its own. */
async function buildIn(
  checkout: string,
  out: string,
  how: { env: Record<string, string>; umask: string },
): Promise<Built> {
  const target = Deno.build.target as Target;
  const script = `import { compileKm } from ${JSON.stringify(`file://${checkout}/scripts/build/compile.ts`)};
    const stamp = { version: "1.2.3", commit: "${"0123456789".repeat(4)}" };
    const [file] = await compileKm({ force: "portable", targets: ["${target}"], out: ${
    JSON.stringify(out)
  }, stamp });
    console.log("sha256=" + file.sha256);
    console.log("path=" + file.path);`;
  await Deno.writeTextFile(`${checkout}/scripts/build/once.ts`, script);
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: [
      "-c",
      'umask "$1"; shift; exec "$@"',
      "sh",
      how.umask,
      Deno.execPath(),
      "run",
      "-A",
      `${checkout}/scripts/build/once.ts`,
    ],
    cwd: "/",
    env: how.env,
    signal: AbortSignal.timeout(180_000),
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const [, sha256 = "", path = ""] =
    /sha256=([0-9a-f]{64})\npath=(.+)\n/.exec(new TextDecoder().decode(stdout)) ?? [];
  return { sha256, path };
}

/** What the two files hold differently, by the lines of their lists of hashes: a hash alone would tell nobody where to look. */
async function differences(one: string, other: string): Promise<string[]> {
  const [a, b] = await Promise.all([one, other].map(listOf));
  return [...new Set([...(a ?? []), ...(b ?? [])])].filter((line) => !(a?.has(line) && b?.has(line)));
}

/** The lines of a portable file's header, and `sha256  name` of each file behind it. */
async function listOf(path: string): Promise<Set<string>> {
  const bytes = await Deno.readFile(path);
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 64 * 1024));
  const offset = Number(/tail -c \+(\d+)/.exec(start)?.[1]) - 1;
  const tar = new Deno.Command("tar", { args: ["-xzO", "sums"], stdin: "piped", stdout: "piped" }).spawn();
  const [{ stdout }] = await Promise.all([
    tar.output(),
    new Blob([bytes.subarray(offset)]).stream().pipeTo(tar.stdin),
  ]);
  return new Set([...start.slice(0, offset).split("\n"), ...new TextDecoder().decode(stdout).split("\n")]);
}

testUnless(
  unlessOs("linux", "darwin"),
  "two builds of one commit, in other folders, at other times, by other users' settings, are the same bytes",
  async () => {
    verifies("build-reproducible");
    using folder = new TempFolder();
    const [one, other] = [`${folder.path}/one`, `${folder.path}/second place/with spaces/km`];
    for (const checkout of [one, other]) await copyCheckout(checkout);
    const first = await buildIn(one, `${folder.path}/out1`, {
      env: { TZ: "UTC", LC_ALL: "C" },
      umask: "022",
    });
    const second = await buildIn(other, `${folder.path}/out 2`, {
      env: { TZ: "Pacific/Chatham", LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8", SOURCE_DATE_EPOCH: "1" },
      umask: "077",
    });
    assert.match(first.sha256, /^[0-9a-f]{64}$/);
    if (second.sha256 !== first.sha256) {
      assert.fail(`they differ in ${(await differences(first.path, second.path)).join("\n")}`);
    }
  },
);

Deno.test("packPortable() puts the id where unpackedId() finds it, and changes it with the content", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(`${folder.path}/app`);
  await Deno.writeTextFile(`${folder.path}/deno`, "");
  const ids: (string | null)[] = [];
  for (const content of ["a", "b", "a"]) {
    await Deno.writeTextFile(`${folder.path}/app/portable_main.js`, content);
    const bytes = await packPortable({
      app: `${folder.path}/app`,
      deno: `${folder.path}/deno`,
      version: "1.0.0",
      target: "x86_64-apple-darwin",
      flags: [],
    });
    await Deno.writeFile(`${folder.path}/km`, bytes);
    ids.push(await unpackedId(`${folder.path}/km`));
    assert.ok(new TextDecoder().decode(bytes).includes("$HOME/Library/Caches/km"));
  }
  assert.match(ids[0] ?? "", /^[0-9a-f]{32}$/);
  assert.equal(ids[2], ids[0]);
  assert.notEqual(ids[1], ids[0]);
  await Deno.writeTextFile(`${folder.path}/other`, "#!/bin/sh\nexit 0\n");
  assert.equal(await unpackedId(`${folder.path}/other`), null);
});

Deno.test("packPortable() refuses a name that its header could not list", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(`${folder.path}/app`);
  await Deno.writeTextFile(`${folder.path}/app/a b.js`, "");
  await Deno.writeTextFile(`${folder.path}/deno`, "");
  await assert.rejects(
    packPortable({
      app: `${folder.path}/app`,
      deno: `${folder.path}/deno`,
      version: "1.0.0",
      target: "x86_64-unknown-linux-gnu",
      flags: [],
    }),
    /"app\/a b\.js" cannot be listed/,
  );
});
