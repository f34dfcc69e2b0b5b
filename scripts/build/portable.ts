/** Packs Deno and the bundle into one file that unpacks itself: a POSIX shell header and a compressed archive. @module */
import { createHash } from "node:crypto";
import { createTar } from "nanotar";
import { CHANGED_VARIABLES } from "../../src/config/launch_environment.ts";
import { ATTRS, DENO_MODE, gzipMember, packedDeno } from "./packed_deno.ts";

const HEADER = new URL("portable_header.sh", import.meta.url);

/** What goes into a portable file. */
export interface PortableOptions {
  /** Folder of the bundle; its entry is `portable_main.js`. */
  readonly app: string;
  /** Deno's executable. */
  readonly deno: string;
  readonly version: string;
  /** Target triple. */
  readonly target: string;
  /** How Deno runs the bundle. */
  readonly flags: readonly string[];
  /** Folder in which the compressed Deno is kept for the next build; none when it is not given. */
  readonly cache?: string | undefined;
}

/** A file of the archive. */
interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly mode: string;
}

/** The portable file. Its bytes depend on the options and on the contents of the files alone. */
export async function packPortable(options: PortableOptions): Promise<Uint8Array<ArrayBuffer>> {
  const deno: Entry = { name: "deno", data: await Deno.readFile(options.deno), mode: DENO_MODE };
  const entries: Entry[] = [
    deno,
    ...await readFolder(options.app, "app"),
  ].sort((a, b) => a.name < b.name ? -1 : 1);
  // For `sha256sum -c`.
  const sums = entries.map(({ name, data }) => `${sha256(data)}  ${name}\n`).join("");
  // Sorts behind "app/…" and "deno".
  entries.push({ name: "sums", data: new TextEncoder().encode(sums), mode: "600" });
  const others = entries.filter((entry) => entry !== deno);
  const rest = createTar(
    others.map(({ name, data, mode }) => ({ name, data, attrs: { mode } })),
    { attrs: ATTRS },
  );
  const payload = concat(await packedDeno(deno.data, options.cache), await gzipMember(rest));
  return concat(await renderHeader(options, entries, payload), payload);
}

async function renderHeader(
  options: PortableOptions,
  entries: readonly Entry[],
  payload: Uint8Array,
): Promise<Uint8Array> {
  const hash = sha256(payload);
  const source = withoutComments(await Deno.readTextFile(HEADER));
  const values: Readonly<Record<string, string>> = {
    EMPTY: variablesOf(source).filter((name) => !SET_FIRST.includes(name)).map((name) => `${name}=`).join(
      " ",
    ),
    ID: hash.slice(0, 32),
    SHA256: hash,
    VERSION: options.version,
    TARGET: options.target,
    CACHE: options.target.endsWith("-apple-darwin") ? "Library/Caches" : ".cache",
    FLAGS: options.flags.join(" "),
    FILES: entries.map(({ name }) => name).join(" "),
    // In the order of ls, which is that of bytes.
    SIZES: entries.map(({ name, data }) => `${name}=${data.length}`).join(" "),
    DIRS: foldersOf(entries).join(" "),
    CHANGED: CHANGED_VARIABLES.join(" "),
  };
  return withOffset(source.replaceAll(/@([A-Z0-9]+)@/g, (whole, name: string) => values[name] ?? whole));
}

/** Variables of the header that are set before all others are emptied. */
const SET_FIRST = ["km_id", "km_last"];

/** The header's own variables: the environment may hold something under their names. */
export function variablesOf(header: string): string[] {
  const found = header.matchAll(/\$\{?#?(km_\w+)|\b(km_\w+)=|\bfor (km_\w+)/g);
  return [...new Set(Array.from(found, ([, read, set, each]) => read ?? set ?? each ?? ""))].sort();
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** A shell reads all of it at each start: the comments are for who reads the source, but for those on top. */
function withoutComments(text: string): string {
  const lines = text.split("\n");
  return lines.filter((line, i) => i < 2 || !/^\s*#/.test(line)).join("\n");
}

/** Fills in where the archive begins, counted from 1 as `tail -c` does; the number's own length counts. */
function withOffset(text: string): Uint8Array {
  let header = new TextEncoder().encode(text);
  for (let length = -1; length !== header.length;) {
    length = header.length;
    header = new TextEncoder().encode(text.replaceAll("@OFFSET@", String(length + 1)));
  }
  return header;
}

/** Folders of the archive, the deepest first. @throws {Error} when a name needs quotes in a shell */
function foldersOf(entries: readonly Entry[]): string[] {
  const folders = new Set<string>();
  for (const { name } of entries) {
    if (!/^[\w.\/-]+$/.test(name)) throw new Error(`"${name}" cannot be listed in the header`);
    const parts = name.split("/").slice(0, -1);
    for (let length = 1; length <= parts.length; length++) folders.add(parts.slice(0, length).join("/"));
  }
  return [...folders].sort((a, b) => b.split("/").length - a.split("/").length || (a < b ? -1 : 1));
}

async function readFolder(folder: string, name: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const [path, inside] = [`${folder}/${entry.name}`, `${name}/${entry.name}`];
    if (entry.isDirectory) entries.push(...await readFolder(path, inside));
    else entries.push({ name: inside, data: await Deno.readFile(path), mode: "600" });
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
