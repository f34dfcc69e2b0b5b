import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { packedDeno } from "./packed_deno.ts";

const FILE = crypto.getRandomValues(new Uint8Array(10_000));

Deno.test("packedDeno() makes the same bytes with and without one that is kept, and believes no changed one", async () => {
  verifies("build-reproducible");
  using folder = new TempFolder();
  const cache = `${folder.path}/cache`;
  const first = await packedDeno(FILE, cache);
  const kept = () => [...Deno.readDirSync(cache)].map(({ name }) => name);
  const [name = "", ...more] = kept();
  assert.deepEqual(more, []);
  assert.deepEqual(await packedDeno(FILE, cache), first);
  Deno.writeFileSync(`${cache}/${name}`, first.with(100, 1 + (first[100] ?? 0)));
  assert.deepEqual(await packedDeno(FILE, cache), first);
  assert.deepEqual([kept(), Deno.readFileSync(`${cache}/${name}`)], [[name], first]);
});

Deno.test("packedDeno() is one entry of an archive that goes on", async () => {
  using folder = new TempFolder();
  const tar = gunzipSync(await packedDeno(FILE, folder.path));
  assert.equal(tar.length, 512 + 20 * 512);
  assert.deepEqual(new Uint8Array(tar.subarray(512, 512 + FILE.length)), FILE);
});
