/** Builds of km for tests: each is made once for the state of the sources and kept in `.cache`. @module */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { compileKm, type CompileOptions } from "../scripts/build/compile.ts";
import type { Target } from "../scripts/build/targets.ts";
import { unpackedId } from "../src/cli/unpacked.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FOLDER = `${ROOT}.cache/tests/built`;
const KEPT = 12;

/** What a build depends on beside its options. */
const SOURCES = ["src", "proto", "plugins", "scripts/build", "main.ts", "deno.json", "deno.lock"];

/** The path of a km for this machine, built with `stamp`. Callers at the same time wait for one build. */
export async function builtKm(stamp: CompileOptions["stamp"] = {}): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(stamp));
  for (const source of SOURCES) await addTo(hash, `${ROOT}${source}`);
  const key = hash.digest("hex").slice(0, 16);
  await Deno.mkdir(FOLDER, { recursive: true });
  using lock = await Deno.open(`${FOLDER}/lock`, { create: true, write: true });
  await lock.lock(true);
  const target = Deno.build.target as Target;
  const done = `${FOLDER}/${key}`;
  if (!await exists(done)) {
    await dropOldest();
    const work = `${FOLDER}/.${key}`;
    await Deno.remove(work, { recursive: true }).catch(() => {});
    await compileKm({ targets: [target], out: work, force: "portable", stamp: { commit: null, ...stamp } });
    await Deno.rename(work, done);
  }
  for await (const { name } of Deno.readDir(done)) return `${done}/${name}`;
  throw new Error(`nothing was built in ${done}`);
}

async function addTo(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => null);
  if (info === null || path.endsWith("_test.ts")) return;
  if (info.isFile) return void hash.update(path).update(await Deno.readFile(path));
  const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
  for (const name of names.sort()) await addTo(hash, `${path}/${name}`);
}

/** A build takes 40 MB. */
async function dropOldest(): Promise<void> {
  const builds = await Array.fromAsync(Deno.readDir(FOLDER), async ({ name }) => {
    const path = `${FOLDER}/${name}`;
    return { path, name, at: (await Deno.stat(path)).mtime?.getTime() ?? 0 };
  });
  const old = builds.filter(({ name }) => /^[0-9a-f]{16}$/.test(name)).sort((a, b) => b.at - a.at).slice(
    KEPT - 1,
  );
  for (const { path } of old) {
    // Tests share what it unpacked, which takes 100 MB.
    for await (const { name } of Deno.readDir(path)) {
      const id = await unpackedId(`${path}/${name}`);
      await Deno.remove(`${ROOT}.cache/tests/xdg/km/${id}`, { recursive: true }).catch(() => {});
    }
    await Deno.remove(path, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
