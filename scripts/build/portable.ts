/** Packs Deno and the bundle into one file that unpacks itself: a POSIX shell header and a compressed archive. @module */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { createTar } from "nanotar";

const HEADER = new URL("portable_header.sh", import.meta.url);

/** A file of the archive. */
interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly mode: string;
}

export async function packPortable(
  options: {
    readonly app: string;
    readonly deno: string;
    readonly version: string;
    readonly target: string;
    readonly flags: readonly string[];
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const entries: Entry[] = [
    { name: "deno", data: await Deno.readFile(options.deno), mode: "755" },
    ...await readFolder(options.app, "app"),
  ].sort((a, b) => a.name < b.name ? -1 : 1);
  // Everything the bytes could depend on beside the contents is set.
  const tar = createTar(
    entries.map(({ name, data, mode }) => ({ name, data, attrs: { mode } })),
    { attrs: { mtime: 0, uid: 0, gid: 0, user: "", group: "" } },
  );
  const payload = await promisify(gzip)(tar, { level: 9 });
  const id = createHash("sha256").update(payload).digest("hex").slice(0, 32);
  const header = await renderHeader({ ...options, id });
  return concat(header, payload);
}

async function renderHeader(
  values: { id: string; version: string; target: string; flags: readonly string[] },
): Promise<Uint8Array> {
  const text = (await Deno.readTextFile(HEADER))
    .replaceAll("@ID@", values.id)
    .replaceAll("@VERSION@", values.version)
    .replaceAll("@TARGET@", values.target)
    .replaceAll("@FLAGS@", values.flags.join(" "));
  // The offset counts itself: as many digits as the placeholder has letters.
  const length = new TextEncoder().encode(text).length;
  return new TextEncoder().encode(text.replace("@OFFSET@", String(length + 1).padStart(8, "0")));
}

async function readFolder(folder: string, name: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const [path, inside] = [`${folder}/${entry.name}`, `${name}/${entry.name}`];
    if (entry.isDirectory) entries.push(...await readFolder(path, inside));
    else entries.push({ name: inside, data: await Deno.readFile(path), mode: "644" });
  }
  return entries;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
