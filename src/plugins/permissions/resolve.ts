/**
 * From what was granted to what Deno is told: absolute folders that are what they seem.
 *
 * Deno follows links, and a file may have several names, so a folder is handed over only when nothing in it leads out: no link on the way to
 * it, none below it whose end lies elsewhere, no file below it that has a further name elsewhere, no device. It is looked at when granted and
 * before each launch; what another program puts there while the plugin runs is not seen. The look is bounded: a folder with more entries is
 * refused, not half looked at.
 * @module
 */
import { join, sep } from "node:path";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import type { Grants } from "../grants.ts";
import { folderProblem, type FolderUse, type Homes } from "../package/folder_rules.ts";
import { readNetTarget } from "../package/net_rules.ts";
import type { PermissionsInForce } from "../sandbox/permissions_in_force.ts";

/** Most files and folders below one that is granted: 20,000 are looked at in about 0.2 s (2 cores, 2026-11). */
export const MAX_ENTRIES = 20_000;
/** Most folders on the way down. */
const MAX_DEPTH = 64;

/** How it is looked at. */
export interface ResolveOptions {
  /** Default: `MAX_ENTRIES`. */
  readonly maxEntries?: number;
}

/** What the sandbox is launched with. @throws {KmError} not_granted for what cannot be granted as it is */
export function resolveGrants(
  grants: Grants,
  homes: Homes,
  { maxEntries = MAX_ENTRIES }: ResolveOptions = {},
): PermissionsInForce {
  const real = { home: realFolder(homes.home), kmHome: realFolder(homes.kmHome) };
  const folders = (use: FolderUse) =>
    grants[use].map((folder) => resolveFolder({ folder, use }, real, maxEntries));
  return {
    net: grants.net.map(resolveTarget),
    read: folders("read"),
    write: folders("write"),
    env: grants.env,
  };
}

interface Asked {
  readonly folder: string;
  readonly use: FolderUse;
}

function resolveTarget(text: string): string {
  const read = readNetTarget(text);
  if ("target" in read) return read.target;
  throw refuse(`net=${text}`, `"${printable(text)}" ${read.problem}`);
}

function resolveFolder(asked: Asked, homes: Homes, maxEntries: number): string {
  const token = `${asked.use}=${asked.folder}`;
  const problem = folderProblem(asked.folder, asked.use);
  if (problem !== null) throw refuse(token, `the folder ${problem}`);
  const path = asked.folder.startsWith("~/")
    ? followDown(token, homes.home, asked.folder.slice(2))
    : followDown(token, ...rootOf(asked.folder));
  const realProblem = folderProblem(path, asked.use, homes);
  if (realProblem !== null) throw refuse(token, `it is "${printable(path)}", which ${realProblem}`);
  new Look(token, path, maxEntries).below(path, 0);
  return path;
}

function rootOf(folder: string): readonly [string, string] {
  const root = /^(?:[A-Za-z]:)?[\\/]/.exec(folder)?.[0] ?? "/";
  return [root, folder.slice(root.length)];
}

/** The real path of `rest` below `base`, which is real. A link on the way is refused; but not one of the system at the top of the disk. */
function followDown(token: string, base: string, rest: string): string {
  let path = base;
  for (const part of rest.split(/[\\/]/).filter((one) => one !== "")) {
    const isTop = path === "/";
    path = join(path, part);
    const info = lookAt(token, path);
    if (info.isSymlink && isTop && info.uid === 0) {
      path = Deno.realPathSync(path); // macOS: /tmp, /var; some Linux: /home.
    } else if (info.isSymlink) {
      throw refuse(
        token,
        `"${printable(path)}" is a link, and links are not followed`,
        "name the folder that it leads to",
      );
    } else if (!info.isDirectory) {
      throw refuse(token, `"${printable(path)}" is no folder`);
    }
  }
  return path;
}

/** Looks at everything below a folder. */
class Look {
  readonly #token: string;
  readonly #top: string;
  readonly #maxEntries: number;
  #entries = 0;
  /** Files of several names: how many of them were found, by device and number. */
  readonly #names = new Map<string, { found: number; readonly all: number; readonly path: string }>();

  constructor(token: string, top: string, maxEntries: number) {
    this.#token = token;
    this.#top = top;
    this.#maxEntries = maxEntries;
  }

  /** @throws {KmError} not_granted */
  below(folder: string, depth: number): void {
    for (const { name } of this.#list(folder)) {
      if (++this.#entries > this.#maxEntries || depth > MAX_DEPTH) {
        throw refuse(
          this.#token,
          `there is more in it than km looks at (${this.#maxEntries} entries, ${MAX_DEPTH} folders deep)`,
          "name a smaller folder in it",
        );
      }
      const path = join(folder, name);
      const info = lookAt(this.#token, path);
      if (info.isDirectory) this.below(path, depth + 1);
      else this.#file(path, info);
    }
    if (depth === 0) this.#refuseOtherNames();
  }

  #file(path: string, info: Deno.FileInfo): void {
    if (info.isSymlink) return this.#link(path);
    if (info.isBlockDevice === true || info.isCharDevice === true) {
      throw refuse(this.#token, `"${printable(path)}" in it is a device`);
    }
    if (info.isFile && (info.nlink ?? 1) > 1) {
      const key = `${info.dev} ${info.ino}`;
      const known = this.#names.get(key) ?? { found: 0, all: info.nlink ?? 1, path };
      this.#names.set(key, { ...known, found: known.found + 1 });
    }
  }

  #link(path: string): void {
    const end = tryRealPath(path);
    if (end !== null && (end === this.#top || end.startsWith(this.#top + sep))) return;
    throw refuse(
      this.#token,
      end === null
        ? `"${printable(path)}" in it is a link to something that is not there`
        : `"${printable(path)}" in it is a link that leads out, to "${printable(end)}"`,
      "remove the link, or name another folder",
    );
  }

  #refuseOtherNames(): void {
    for (const { found, all, path } of this.#names.values()) {
      if (found >= all) continue;
      throw refuse(
        this.#token,
        `"${printable(path)}" in it has ${all - found} more ${
          all - found === 1 ? "name" : "names"
        } elsewhere (hard links)`,
        "put a copy in its place, or name another folder",
      );
    }
  }

  #list(folder: string): Iterable<Deno.DirEntry> {
    try {
      return [...Deno.readDirSync(folder)];
    } catch (error) {
      throw unreadable(this.#token, folder, error);
    }
  }
}

function lookAt(token: string, path: string): Deno.FileInfo {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw refuse(
        token,
        `"${printable(path)}" does not exist`,
        `make the folder first: mkdir -p "${printable(path)}"`,
      );
    }
    throw unreadable(token, path, error);
  }
}

/** A home that is not there yet holds nothing. */
function realFolder(path: string): string {
  return tryRealPath(path) ?? path;
}

function tryRealPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}

function unreadable(token: string, path: string, error: unknown): KmError {
  const reason = error instanceof Error ? error.message : String(error);
  return refuse(
    token,
    `"${printable(path)}" cannot be looked at: ${reason}`,
    "name a folder that you may read whole",
  );
}

function refuse(token: string, state: string, hint = "name another folder"): KmError {
  return new KmError("not_granted", `Cannot grant "${printable(token)}": ${state}`, { hint });
}
