/** Folders that portable files have unpacked: what is listed, what is unneeded, and that a running km keeps its own. @module */
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { ROOT, runKm, Running, TempFolder } from "./harness.ts";
import { namesIn, onlyUnpacked, writeSmallPortable } from "./portable_file.ts";
import { builtKm } from "../built.ts";
import type { Unpacked } from "../../src/cli/unpacked.ts";

/** Runs a script over src/cli/unpacked.ts in a process with this cache. */
async function ask<T>(cache: string, script: string): Promise<T> {
  const code = `import * as unpacked from ${JSON.stringify(`file://${ROOT}src/cli/unpacked.ts`)};
    console.log(JSON.stringify(await (${script})(unpacked)));`;
  const { out, err } = await runKm(["eval", code], {
    home: cache,
    env: { XDG_CACHE_HOME: cache, TMPDIR: cache },
    command: [Deno.execPath()],
  });
  assert.equal(err, "");
  return JSON.parse(out) as T;
}

testUnless(
  unlessOs("linux"),
  "unpacked folders are listed with their users; those without are removed",
  async () => {
    using folder = new TempFolder();
    const file = await builtKm();
    const small = `${folder.path}/small`;
    await writeSmallPortable(small);
    const env = { XDG_CACHE_HOME: folder.path };
    await using running = new Running(["monitor", "--", "cat"], { home: folder.path, env, command: [file] });
    await running.write("hello\n");
    await running.stdout.text("hello", 60_000);
    const used = onlyUnpacked(`${folder.path}/km`);
    assert.equal((await runKm([], { home: folder.path, env, command: [small] })).err, "");
    await Deno.mkdir(`${folder.path}/km/not-one-of-them`);

    const all = await ask<Unpacked[]>(folder.path, "(u) => u.listUnpacked()");
    assert.deepEqual(all.map(({ path }) => path === used), [false, true]);
    const [free, busy] = all;
    assert.ok(free && busy);
    assert.deepEqual([free.usedBy, free.isOwn, busy.isOwn], [[], false, false]);
    assert.ok(busy.usedBy.includes(running.pid));
    assert.ok(busy.bytes > 50_000_000, String(busy.bytes));
    assert.ok(Date.now() - new Date(free.lastUsed ?? 0).getTime() < 60_000);

    const unneeded = (files: string[]) =>
      ask<Unpacked[]>(folder.path, `(u) => u.unneededUnpacked(${JSON.stringify(files)})`);
    assert.deepEqual((await unneeded([small])).map(({ id }) => id), []);
    assert.deepEqual((await unneeded([file])).map(({ id }) => id), [free.id]);
    await ask(
      folder.path,
      `async (u) => { for (const one of await u.unneededUnpacked([])) await u.removeUnpacked(one); return 0; }`,
    );
    assert.deepEqual(namesIn(`${folder.path}/km`), [busy.id, "not-one-of-them"].sort());
  },
);
