/** Tells when a plugin's sources were saved. @module */
import { KmError } from "../../../core/error.ts";

/** An editor writes a file in several steps: so long after the last of them, in ms. */
const SETTLE_MS = 80;
/** What a plugin is made of and tried with; not what building and testing leave behind. */
const SOURCE = /\.(?:ts|js|json|jsonc|jsonl)$/;

export interface Watched extends Disposable {
  /** Never settles unless watching fails. */
  readonly failed: Promise<never>;
}

/** Calls `onSave` after each save in `folder`, until disposed of. @throws {KmError} not_found */
export function watchFolder(folder: string, onSave: () => void): Watched {
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(folder);
  } catch (error) {
    throw new KmError("not_found", `Cannot watch "${folder}": ${(error as Error).message}`, { cause: error });
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = async (): Promise<never> => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.some((path) => SOURCE.test(path))) continue;
      clearTimeout(timer);
      timer = setTimeout(onSave, SETTLE_MS);
    }
    return await new Promise<never>(() => {}); // It was disposed of.
  };
  return {
    failed: watch(),
    [Symbol.dispose]() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
