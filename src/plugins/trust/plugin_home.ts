/** What every change of plugins works on. @module */
import { join } from "node:path";
import { isDiskFull } from "../../core/disk_full.ts";
import { KmError } from "../../core/error.ts";
import { FileLock } from "../../proc/file_lock.ts";
import { removeUnfinished } from "../../proc/private_file.ts";
import type { Homes } from "../package/folder_rules.ts";
import type { PluginPaths } from "../paths.ts";
import type { RootKeys } from "./roots.ts";
import { registriesFile, rootsFile } from "./trust_files.ts";

export interface PluginHome {
  readonly paths: PluginPaths;
  /** The user's home and KM_HOME: what no folder may hold. */
  readonly homes: Homes;
  /** ms since the Unix epoch. */
  readonly nowMs: () => number;
  /** Default: those that are built in. */
  readonly roots?: RootKeys;
}

/** How long another km may be at it, in ms: files of 8 MiB are written to a slow disk. */
const PATIENCE_MS = 60_000;

/** ISO 8601, UTC, to the second. */
export function timeOf({ nowMs }: Pick<PluginHome, "nowMs">): string {
  return new Date(nowMs()).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Runs `work` while no other km changes installed files or what is trusted. @throws {KmError} plugin_failed when one does so for a minute */
export async function whileAlone<T>({ paths }: PluginHome, work: () => Promise<T>): Promise<T> {
  const path = join(paths.folder, "change.lock");
  try {
    Deno.mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
    using lock = await FileLock.takeWithin(path, PATIENCE_MS);
    if (lock !== null) {
      for (const file of [rootsFile(paths), registriesFile(paths)]) removeUnfinished(file);
      return await work();
    }
  } catch (error) {
    throw asUnwritable(paths.folder, error);
  }
  throw new KmError("plugin_failed", "Another km is changing plugins, and does not come to an end", {
    hint: `try again when it has ended; it holds "${path}"`,
  });
}

/** What the system says of a disk that is full or closed, as km says it. */
export function asUnwritable(path: string, error: unknown): unknown {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!isDiskFull(at)) continue;
    return new KmError("store_full", `Cannot write below "${path}": no space left on device`, {
      hint: "nothing was changed; free some space, then try again",
      cause: error,
    });
  }
  if (error instanceof KmError || !(error instanceof Error)) return error;
  const isClosed = error instanceof Deno.errors.PermissionDenied ||
    /read-only|\bEROFS\b|\bEACCES\b/i.test(error.message) ||
    ("code" in error && error.code === "EROFS");
  if (!isClosed) return error;
  return new KmError("store_unavailable", `Cannot write below "${path}": ${error.message}`, {
    hint: "nothing was changed; KM_HOME must be a folder that you may write",
    cause: error,
  });
}
