/** How km renews itself: ask what is out, fetch it, prove that it runs, switch; and the way back. @module */
import { basename, join } from "node:path";
import { isDiskFull } from "../core/disk_full.ts";
import { KmError } from "../core/error.ts";
import { FileLock } from "../proc/file_lock.ts";
import {
  type KmFiles,
  kmFiles,
  makeWorkFolder,
  refuseSharedFolder,
  removeDeadWorkFolders,
} from "./km_files.ts";
import type { Channel, Manifest, ReleaseFile } from "./manifest.ts";
import { proveVersion, proveWorks } from "./prove.ts";
import { readManifest } from "./read_manifest.ts";
import type { ReleaseKey } from "./release_key.ts";
import { changeUpdateState, readUpdateState, type UpdateState } from "./state.ts";
import { diskFiles, switchTo } from "./swap.ts";
import { fetchBytes, fetchFile, fileAddress, type Transfer } from "./transfer.ts";
import { compareVersions } from "../core/version.ts";

/** Larger manifests are none: a hundred files take 30 kB. */
const MAX_MANIFEST_BYTES = 64 * 1024;
const MAX_SIGNATURE_BYTES = 1024;

/** What is asked, and whose word counts. */
export interface ReleaseQuestion {
  /** Address of the folder, without a slash at its end. */
  readonly base: string;
  readonly channel: Channel;
  readonly keys: readonly ReleaseKey[];
  readonly now: Date;
  /** Path of update.json. */
  readonly statePath: string;
  readonly transfer: Transfer;
}

/** The km that is to be replaced. */
export interface InstalledKm {
  /** The file itself, no link. */
  readonly file: string;
  readonly version: string;
  readonly statePath: string;
}

/** Who is told, and who may stop it. */
export interface UpdateWatch {
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the newest manifest of a channel and remembers it.
 * @throws {KmError} download_failed; not_trusted for one that is not signed, expired, or older than one that was seen before
 */
export async function newestRelease(question: ReleaseQuestion): Promise<Manifest<Channel>> {
  const { base, channel, keys, now, statePath, transfer } = question;
  const address = `${base}/${channel}.json`;
  const bytes = await fetchBytes(address, MAX_MANIFEST_BYTES, transfer);
  const signature = await fetchBytes(`${address}.sig`, MAX_SIGNATURE_BYTES, transfer);
  const manifest = await readManifest(bytes, new TextDecoder().decode(signature), { keys, channel, now });
  refuseReplay(manifest, readUpdateState(statePath));
  await remember(statePath, (state) => withRelease(state, manifest, now));
  return manifest;
}

/** A release that was withdrawn is followed by a manifest with a later date; one with an earlier date was kept by somebody. */
function refuseReplay({ channel, version, published }: Manifest<Channel>, { seen }: UpdateState): void {
  const before = seen[channel];
  if (before === undefined || Date.parse(published) >= Date.parse(before.published)) return;
  throw new KmError(
    "not_trusted",
    `Cannot believe the release manifest: it offers ${version} of ${published}, and ${before.version} of ${before.published} was offered before`,
    { hint: "the address, or something on the way to it, serves an old manifest: try again later" },
  );
}

function withRelease(
  state: UpdateState,
  { channel, version, published }: Manifest<Channel>,
  now: Date,
): UpdateState {
  const seen = { ...state.seen, [channel]: { version, published } };
  return { ...state, seen, checkedAt: now.toISOString() };
}

/** A home that cannot be written holds nobody up. */
async function remember(path: string, change: (state: UpdateState) => UpdateState): Promise<void> {
  await changeUpdateState(path, change).catch(() => {});
}

/** The file of a release for this system. @throws {KmError} unsupported */
export function fileFor(manifest: Manifest, target: string): ReleaseFile {
  const file = manifest.files[target];
  if (file !== undefined) return file;
  throw new KmError("unsupported", `Cannot update: km ${manifest.version} has no file for "${target}"`, {
    hint: `it has files for ${Object.keys(manifest.files).join(", ") || "no system"}`,
  });
}

/**
 * Installs a release in place of a km; returns where the version before is kept.
 * @throws {KmError} download_failed, not_trusted, update_failed: all is as before
 */
export async function installRelease(
  km: InstalledKm,
  manifest: Manifest,
  options: { readonly base: string; readonly target: string; readonly transfer: Transfer } & UpdateWatch,
): Promise<string> {
  const { base, transfer, onProgress, signal } = options;
  if (compareVersions(manifest.version, km.version) <= 0) {
    throw new TypeError(`${manifest.version} is not newer`);
  }
  const release = fileFor(manifest, options.target);
  const address = fileAddress(release, base);
  return await replaceKm(km, manifest.version, async (fresh) => {
    await fetchFile(address, release, { path: fresh, ...(onProgress && { onProgress }) }, transfer);
  }, signal);
}

/** Puts the previous version back; returns where the version that was left is kept. @throws {KmError} not_found, update_failed */
export async function rollBack(km: InstalledKm, version: string, watch: UpdateWatch = {}): Promise<string> {
  const { previous } = kmFiles(km.file);
  const kept = await replaceKm(km, version, (fresh) => diskFiles.link(previous, fresh), watch.signal);
  // What was rolled back twice went forward.
  const left = compareVersions(version, km.version) < 0 ? km.version : null;
  await remember(km.statePath, (state) => ({ ...state, rolledBackFrom: left }));
  return kept;
}

/** Gets a new file by `bring`, proves it, and puts it in km's place; returns where the version before is kept. @throws {KmError} with a hint */
async function replaceKm(
  km: InstalledKm,
  version: string,
  bring: (fresh: string) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const names = kmFiles(km.file);
  try {
    await refuseSharedFolder(names.folder);
    using _lock = takeLock(names);
    await removeDeadWorkFolders(names.folder);
    await refuseForeignPrevious(names.previous);
    await proveUnchanged(km, signal);
    const work = await makeWorkFolder(names.folder);
    try {
      const fresh = join(work, basename(names.current));
      await bring(fresh);
      await dressLike(km.file, fresh);
      await proveWorks(fresh, { version, work, ...(signal && { signal }) });
      signal?.throwIfAborted();
      // From here on nothing stops it: the switch takes a moment, and is undone when the new file does not run in its place.
      const swap = { names, work, files: diskFiles, windows: Deno.build.os === "windows" };
      await switchTo(fresh, swap, () => proveVersion(km.file, { version, work }));
    } finally {
      await Deno.remove(work, { recursive: true }).catch(() => {}); // Windows: what still runs stays until a later update.
    }
  } catch (error) {
    throw error === signal?.reason ? error : await failureOf(error, km);
  }
  await remember(km.statePath, (state) => ({
    ...state,
    rolledBackFrom: null,
    installed: { file: km.file, version },
  }));
  return names.previous;
}

/** Another update may have been at work since this km was started. @throws {KmError} update_failed */
async function proveUnchanged(
  { file, version }: InstalledKm,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await proveVersion(file, { version, ...(signal && { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof KmError && cause.hint !== undefined) throw cause;
    throw new KmError("update_failed", `"${file}" was replaced or removed since this command started`, {
      hint: "run it again",
      cause,
    });
  }
}

/**
 * What lies where the previous version goes is replaced only when it can be one: a file that may be run.
 * @throws {KmError} update_failed
 */
async function refuseForeignPrevious(previous: string): Promise<void> {
  const info = await Deno.lstat(previous).catch(() => null);
  const state = info === null ? null : whyNoProgram(info);
  if (state === null) return;
  throw new KmError("update_failed", `Cannot keep this version as "${previous}": ${state}`, {
    hint: "nothing was changed; move that away, then try again",
  });
}

function whyNoProgram({ isDirectory, isFile, mode }: Deno.FileInfo): string | null {
  if (isDirectory) return "that is a folder";
  if (!isFile) return "that is no file";
  return mode !== null && (mode & 0o111) === 0 ? "that is no program, so no km" : null;
}

/** @throws {KmError} update_failed when the folder may not be written, or another update is at work */
function takeLock(names: KmFiles): FileLock {
  let lock: FileLock | null;
  try {
    lock = FileLock.tryTake(names.lock, { remove: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KmError("update_failed", `Cannot write into "${names.folder}": ${reason}`, {
      hint:
        "update as the user who installed km there, or install one of your own: KM_INSTALL=<folder> of install.sh",
      cause,
    });
  }
  if (lock !== null) return lock;
  throw new KmError("update_failed", `Another update of "${names.current}" is at work`, {
    hint: "wait until it has ended",
  });
}

/** Mode and, where this user may give it, owner of the km before. */
async function dressLike(old: string, fresh: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const { mode, uid, gid } = await Deno.stat(old);
  if (uid !== null && gid !== null) await Deno.chown(fresh, uid, gid).catch(() => {});
  // Whoever else could write the old one shall not write this one.
  await Deno.chmod(fresh, ((mode ?? 0o755) & 0o755) | 0o500);
}

/** As an error that says where the user stands. */
async function failureOf(error: unknown, { file, version }: InstalledKm): Promise<unknown> {
  if (error instanceof KmError && error.hint !== undefined) return error;
  const message = error instanceof KmError
    ? error.message
    : isDiskFull(error)
    ? "Cannot put the new km in place: no space left on device"
    : `Cannot put the new km in place: ${error instanceof Error ? error.message : error}`;
  const isThere = await Deno.lstat(file).then(({ isFile }) => isFile, () => false);
  const hint = isThere
    ? `nothing was changed: "${file}" is still km ${version}`
    : `"${file}" was removed meanwhile: install km anew, with install.sh`;
  return new KmError(error instanceof KmError ? error.code : "update_failed", message, {
    hint,
    cause: error,
  });
}
