/** The file that is km, and those beside it: the previous version, and the private folder in which a new one is made ready. @module */
import { basename, dirname, join } from "node:path";
import { KmError } from "../core/error.ts";

/** Paths in km's folder. */
export interface KmFiles {
  readonly folder: string;
  /** The file itself, no link. */
  readonly current: string;
  readonly previous: string;
  readonly lock: string;
}

/** The files of the km at `path`, which is no link. */
export function kmFiles(path: string, windows: boolean = Deno.build.os === "windows"): KmFiles {
  const [folder, name] = [dirname(path), basename(path)];
  const [, stem = name, end = ""] = windows ? /^(.*?)(\.exe)?$/i.exec(name) ?? [] : [];
  const beside = (suffix: string) => join(folder, `${stem}.${suffix}${end}`);
  return { folder, current: path, previous: beside("previous"), lock: beside("update-lock") };
}

/** Names of private folders: km update, install.sh and install.ps1 call them alike. */
const WORK = /^\.km-new-[A-Za-z0-9-]+$/;
/** Nobody installs for so long, in ms. */
const DEAD_MS = 3_600_000;

/**
 * Makes a folder beside km in which a new file is fetched, verified and proven: where nobody else can swap it in between, and on the same
 * disk, so that it is renamed into its place. Whoever makes one removes it.
 */
export async function makeWorkFolder(folder: string): Promise<string> {
  const path = join(folder, `.km-new-${crypto.randomUUID().slice(0, 8)}`);
  await Deno.mkdir(path, { mode: 0o700 });
  return path;
}

/** Paths of private folders in `folder` whose maker is dead: nothing in them has changed for an hour. */
export async function deadWorkFolders(folder: string, now: Date = new Date()): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (!isDirectory || !WORK.test(name)) continue;
    const changed = await lastChange(path).catch(() => Infinity);
    if (now.getTime() - changed > DEAD_MS) found.push(path);
  }
  return found.sort();
}

/** Removes them; on Windows, one with a program that still runs stays until the next time. */
export async function removeDeadWorkFolders(folder: string): Promise<void> {
  const dead = await deadWorkFolders(folder).catch(() => []); // May be written and not read.
  for (const path of dead) await Deno.remove(path, { recursive: true }).catch(() => {});
}

/** Of the folder or what lies in it, in ms since 1970: a long download changes the file alone. */
async function lastChange(path: string): Promise<number> {
  const inside = await Array.fromAsync(Deno.readDir(path), ({ name }) => join(path, name));
  const times = await Promise.all([path, ...inside].map(async (one) => (await Deno.lstat(one)).mtime));
  return Math.max(...times.map((time) => time?.getTime() ?? Infinity));
}

const [OTHERS_WRITE, GROUP_WRITE] = [0o022, 0o020];

/** True when other users may write what has this owner and mode; never on Windows, which has no modes. */
export function othersMayWrite({ uid, gid, mode }: Pick<Deno.FileInfo, "uid" | "gid" | "mode">): boolean {
  const bits = (mode ?? 0) & OTHERS_WRITE;
  return bits === GROUP_WRITE ? uid !== Deno.uid() || !isPrivateGroup(gid) : bits !== 0;
}

/** A group of the user's own: called like him, with nobody else in it, as Debian and Fedora make them. Without such files, by its number. */
function isPrivateGroup(gid: number | null): boolean {
  if (gid === null || gid !== Deno.gid()) return false;
  const group = entries("/etc/group").find(([, , id]) => id === String(gid));
  const users = entries("/etc/passwd");
  const user = users.find(([, , id]) => id === String(Deno.uid()))?.[0];
  if (group === undefined || user === undefined) return gid === Deno.uid();
  const members = (group[3] ?? "").split(",").filter((name) => name !== "");
  const primary = users.filter((fields) => fields[3] === String(gid)).map(([name]) => name);
  return group[0] === user && [...members, ...primary].every((name) => name === user);
}

/** Lines of such a file by their fields; none when it cannot be read. @see passwd(5), group(5) */
function entries(file: string): string[][] {
  try {
    return Deno.readTextFileSync(file).split("\n").map((line) => line.split(":"));
  } catch {
    return [];
  }
}

/**
 * What lies in a folder that others may write is theirs to swap between the proof and the start.
 * @throws {KmError} not_trusted
 */
export async function refuseSharedFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return; // The user's profile keeps others out.
  const info = await Deno.stat(folder);
  if (info.uid !== Deno.uid() && info.uid !== 0) {
    throw shared(folder, "belongs to another user", "update as that user");
  }
  if (othersMayWrite(info)) {
    throw shared(folder, "may be written by other users", `close it to them: chmod go-w "${folder}"`);
  }
}

function shared(folder: string, state: string, hint: string): KmError {
  return new KmError(
    "not_trusted",
    `Cannot update km in "${folder}": the folder ${state}, who could put another file in its place`,
    { hint: `${hint}; or install a km of your own: KM_INSTALL=<folder> of install.sh` },
  );
}

/** Who looks after a km that was not installed by its own installer. */
export interface Manager {
  readonly name: string;
  /** What updates it there. */
  readonly command: string;
}

const MANAGERS: readonly (readonly [RegExp, Manager])[] = [
  [/\/(Cellar|homebrew|linuxbrew)\//i, { name: "Homebrew", command: "brew upgrade km" }],
  [/[\\/]scoop[\\/]apps[\\/]/i, { name: "Scoop", command: "scoop update km" }],
  [/^\/nix\/store\//, { name: "Nix", command: "nix profile upgrade km" }],
];

/** Null: nobody but km itself. */
export function managerOf(path: string): Manager | null {
  return MANAGERS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** The real file behind the path that km was started by. @throws {KmError} update_failed when there is none any more */
export function realFile(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (cause) {
    throw new KmError(
      "update_failed",
      `Cannot find km at "${path}": it was moved or removed since it was started`,
      {
        hint: "run km update again, by the path where it is now",
        cause,
      },
    );
  }
}
