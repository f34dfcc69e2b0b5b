/** Deno's executable as the first member of a portable file's payload, kept: compressing it is most of what a build does (4.5 of 6 s). @module */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { createTar } from "nanotar";
import { sha256 } from "./get_deno.ts";

const BLOCK_BYTES = 512;

/**
 * `deno` as a member of a gzip file, which holds an archive's entry and not its end: others follow. One that is kept in `cache` is used while
 * it has the hash in its name, so that a build that finds it makes the same bytes as one that does not.
 */
export async function packedDeno(deno: Uint8Array, cache?: string): Promise<Uint8Array<ArrayBuffer>> {
  if (cache === undefined) return await pack(deno);
  const start = `packed-${Deno.version.deno}-${sha256(deno)}-`;
  for (const name of await namesIn(cache)) {
    if (!name.startsWith(start)) continue;
    const kept = await Deno.readFile(`${cache}/${name}`);
    if (name === `${start}${sha256(kept)}.gz`) return kept;
    await Deno.remove(`${cache}/${name}`);
  }
  const packed = await pack(deno);
  await Deno.mkdir(cache, { recursive: true });
  const half = await Deno.makeTempFile({ dir: cache, prefix: ".packed-" });
  await Deno.writeFile(half, packed);
  await Deno.rename(half, `${cache}/${start}${sha256(packed)}.gz`);
  return packed;
}

async function pack(deno: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const tar = createTar([{ name: "deno", data: deno, attrs: { ...ATTRS, mode: DENO_MODE } }]);
  return await gzipMember(tar.subarray(0, BLOCK_BYTES * (1 + Math.ceil(deno.length / BLOCK_BYTES))));
}

export const DENO_MODE = "700";

/** Everything the bytes of a tar archive could depend on beside the contents. */
export const ATTRS = { mtime: 0, uid: 0, gid: 0, user: "", group: "" } as const;

/** The smallest that gzip makes, the same on every system. */
export async function gzipMember(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Uint8Array(await promisify(gzip)(data, { level: 9 }));
  // The system's byte of gzip's own header, which zlib sets to where it was built.
  packed[9] = 255;
  return packed;
}

async function namesIn(folder: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
}
