/**
 * What portable files have unpacked: one folder for each, named after its content, in the cache of the user or, where that cannot be
 * written, in a folder of his own under TMPDIR. The folders are made by the portable file's header (`scripts/build/portable_header.sh`).
 * @module
 */
import { readEnv } from "../config/environment.ts";
import { installation } from "./installation.ts";

/** One unpacked km. */
export interface Unpacked {
  readonly path: string;
  /** Names the content: the folder's name, and a line near the start of the portable file (`km_id=…`). */
  readonly id: string;
  /** Of all its files. */
  readonly bytes: number;
  /** Processes of this user that run from it; empty where that cannot be seen (not Linux). */
  readonly usedBy: readonly number[];
  /** True when this process runs from it. */
  readonly isOwn: boolean;
  /** When a km was last started from it; null when that is not known. */
  readonly lastUsed: Date | null;
}

const ID = /^[0-9a-f]{32}$/;

/** All unpacked folders of this user, the last used first. Folders that cannot be read are left out. */
export async function listUnpacked(): Promise<Unpacked[]> {
  const users = processesByFolder();
  const own = ownFolder();
  const found: Unpacked[] = [];
  for (const base of unpackedBases()) {
    for (const name of namesIn(base)) {
      if (!ID.test(name)) continue;
      const path = `${base}/${name}`;
      const real = await Deno.realPath(path).catch(() => path);
      found.push({
        path,
        id: name,
        bytes: await bytesIn(path),
        usedBy: users.get(real) ?? [],
        isOwn: real === own,
        lastUsed: await Deno.stat(`${path}/used`).then(({ mtime }) => mtime, () => null),
      });
    }
  }
  return found.sort((a, b) => (b.lastUsed?.getTime() ?? 0) - (a.lastUsed?.getTime() ?? 0));
}

/**
 * Those that nothing needs: no process runs from them, and none of `files` (portable files, current and previous) would start from
 * them. Where running processes cannot be seen, one used within the last week counts as needed.
 */
export async function unneededUnpacked(files: readonly string[]): Promise<Unpacked[]> {
  const ids = await Promise.all(files.map(unpackedId));
  const weekAgo = Date.now() - 7 * 86_400_000;
  return (await listUnpacked()).filter(({ id, usedBy, isOwn, lastUsed }) =>
    !isOwn && usedBy.length === 0 && !ids.includes(id) &&
    (Deno.build.os === "linux" || (lastUsed?.getTime() ?? 0) < weekAgo)
  );
}

/** Removes an unpacked folder. A portable file of that content unpacks it again at its next start. */
export async function removeUnpacked({ path }: Unpacked): Promise<void> {
  // Out of sight first: a start meanwhile finds all of it, or nothing. The name is one that a later start clears away.
  const aside = `${path.slice(0, path.lastIndexOf("/"))}/.new-${Deno.pid}-removed`;
  await Deno.rename(path, aside);
  await Deno.remove(aside, { recursive: true });
}

/** The id of what `file` unpacks; null when it is no portable file of km. */
export async function unpackedId(file: string): Promise<string | null> {
  try {
    using opened = await Deno.open(file);
    const start = new Uint8Array(4096);
    const length = await opened.read(start) ?? 0;
    const text = new TextDecoder().decode(start.subarray(0, length));
    return /^#!\/bin\/sh\n[^]*?\nkm_id=([0-9a-f]{32})\n/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Folders that hold unpacked folders, as the header chooses them. */
function unpackedBases(): string[] {
  const [cache, home] = [readEnv("XDG_CACHE_HOME"), readEnv("HOME")];
  const bases = [ownFolder()?.replace(/\/[^/]+$/, "")];
  if (cache?.startsWith("/")) bases.push(`${cache}/km`);
  else if (home) bases.push(`${home}/${Deno.build.os === "darwin" ? "Library/Caches" : ".cache"}/km`);
  if (Deno.build.os !== "windows") {
    const temp = readEnv("TMPDIR");
    bases.push(`${temp?.startsWith("/") ? temp.replace(/\/+$/, "") : "/tmp"}/km-${Deno.uid()}`);
  }
  return [...new Set(bases.filter((base): base is string => base !== undefined && isOurs(base)).map(real))];
}

/** The folder that this process runs from; null when it is no portable file's. */
function ownFolder(): string | null {
  return installation().kind === "portable" ? real(Deno.execPath().replace(/\/[^/]+$/, "")) : null;
}

/** Another user's folder, planted in /tmp, is none of ours. */
function isOurs(path: string): boolean {
  try {
    const { isDirectory, uid } = Deno.statSync(path);
    return isDirectory && (uid === null || uid === Deno.uid());
  } catch {
    return false;
  }
}

function real(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** Processes by the folder of their executable (Linux). */
function processesByFolder(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  if (Deno.build.os !== "linux") return found;
  for (const name of namesIn("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const folder = Deno.readLinkSync(`/proc/${name}/exe`).replace(/\/[^/]+$/, "");
      found.set(folder, [...found.get(folder) ?? [], Number(name)]);
    } catch {
      // It has ended, is a thread of the kernel, or somebody else's.
    }
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of namesIn(folder)) {
    const info = await Deno.lstat(`${folder}/${name}`).catch(() => null);
    if (info?.isFile) bytes += info.size;
    else if (info?.isDirectory) bytes += await bytesIn(`${folder}/${name}`);
  }
  return bytes;
}
