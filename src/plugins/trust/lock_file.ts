/**
 * `$KM_HOME/plugins.lock`: what is installed, whose key is believed, what was granted. One file, so that each change is whole or is not.
 * A file that is broken, newer or not ours turns plugins off and is left as it is; nothing ever starts it anew.
 * @module
 */
import { isDiskFull } from "../../core/disk_full.ts";
import { KmError } from "../../core/error.ts";
import { readOwnFile, removeUnfinished, replacePrivateFile, withFileLock } from "../../proc/private_file.ts";
import type { PluginPaths } from "../paths.ts";
import { Shape, ShapeError } from "../shape.ts";
import {
  EMPTY_LOCK,
  type InstalledPlugin,
  NewerFormatError,
  type PluginsLock,
  readLock,
  writeLock,
} from "./plugins_lock.ts";

/** Room for a thousand plugins. */
const MAX_LOCK_BYTES = 8 * 1024 * 1024;

/** What is installed now. @throws {KmError} plugin_failed, not_trusted, store_unavailable when it cannot be told for certain */
export function readPluginsLock({ lockFile }: Pick<PluginPaths, "lockFile">): PluginsLock {
  const bytes = readOwnLock(lockFile);
  if (bytes === null) return EMPTY_LOCK;
  try {
    return readLock(Shape.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    throw asUnreadable(lockFile, error);
  }
}

/**
 * Changes the file, one process at a time: readers see what was before or all of what is after. Returns what `change` returned beside the
 * new lock; the same lock means that nothing changed.
 * @throws {KmError} as `readPluginsLock`; store_full; what `change` throws, and then nothing has changed
 */
export async function changePluginsLock<T>(
  paths: Pick<PluginPaths, "lockFile">,
  change: (lock: PluginsLock) => readonly [PluginsLock, T],
): Promise<T> {
  try {
    return await withFileLock(paths.lockFile, () => {
      removeUnfinished(paths.lockFile);
      const before = readPluginsLock(paths);
      const [after, result] = change(before);
      if (after !== before) replacePrivateFile(paths.lockFile, checked(writeLock(after)));
      return result;
    });
  } catch (error) {
    throw asFull(paths.lockFile, error);
  }
}

/** The installed plugin of that name. @throws {KmError} not_found */
export function pluginNamed({ plugins }: PluginsLock, name: string): InstalledPlugin {
  const found = plugins.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new KmError("not_found", `There is no plugin "${name}" here`, {
    hint: '"km plugins list" shows what is installed',
  });
}

/** With `plugin` in the place of the one of its name. */
export function withPlugin(lock: PluginsLock, plugin: InstalledPlugin): PluginsLock {
  return { ...lock, plugins: [...lock.plugins.filter(({ name }) => name !== plugin.name), plugin] };
}

/** What km writes it can read again: a mistake here must not lock every plugin out. */
function checked(text: string): string {
  readLock(Shape.parse(text));
  return text;
}

function readOwnLock(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return readOwnFile(path, MAX_LOCK_BYTES);
  } catch (error) {
    if (!(error instanceof KmError) || error.cause !== undefined) throw error;
    throw new KmError("not_trusted", `${error.message}; plugins are off`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    });
  }
}

function asUnreadable(path: string, error: unknown): unknown {
  if (error instanceof NewerFormatError) {
    return new KmError("plugin_failed", `Cannot read "${path}": ${error.message}; plugins are off`, {
      hint: 'renew this km with "km update"; the file was left as it is',
    });
  }
  if (!(error instanceof ShapeError || error instanceof TypeError)) return error;
  return new KmError("plugin_failed", `Cannot read "${path}": ${error.message}; plugins are off`, {
    hint: "the file was left as it is: put it back from a backup, or remove it and install the plugins again",
    cause: error,
  });
}

function asFull(path: string, error: unknown): unknown {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!isDiskFull(at)) continue;
    return new KmError("store_full", `Cannot write "${path}": no space left on device`, {
      hint: "nothing was changed; free some space, then try again",
      cause: error,
    });
  }
  return error;
}
