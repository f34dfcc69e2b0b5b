/**
 * The switch: a new file takes km's place, and the one that was there becomes the previous version.
 *
 * Linux and macOS: `rename` replaces a file that runs, in one step, so at every instant a whole km is at its path. Windows neither
 * overwrites nor deletes a program that runs, but renames it: km is moved aside, and back when the new one cannot be put there.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html
 * @module
 */
import { join } from "node:path";
import { KmError } from "../core/error.ts";
import type { KmFiles } from "./km_files.ts";

/** What the switch needs of a file system. */
export interface SwapFiles {
  exists(path: string): Promise<boolean>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file, or a copy of it; `to` is free. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Where the switch happens. */
export interface Swap {
  readonly names: KmFiles;
  /** The private folder: what has to make room goes there, and with it. */
  readonly work: string;
  readonly files: SwapFiles;
  readonly windows: boolean;
}

/**
 * Puts the file at `fresh` in km's place, then runs `prove`. When anything fails, km and the previous version are as before, and the failure
 * is thrown.
 * @throws {KmError} update_failed when it could not be undone
 */
export async function switchTo(fresh: string, swap: Swap, prove: () => Promise<void>): Promise<void> {
  const steps = new Steps();
  try {
    await (swap.windows ? moveAside : replace)(fresh, swap, steps);
    await prove();
  } catch (error) {
    await goBack(steps, swap, error);
    throw error;
  }
}

async function replace(fresh: string, { names, work, files }: Swap, steps: Steps): Promise<void> {
  const { current, previous } = names;
  const [former, kept] = [join(work, "former"), join(work, "kept")];
  const hadFormer = await files.exists(previous);
  if (hadFormer) await steps.run(() => files.link(previous, former));
  await steps.run(() => files.link(current, kept));
  await steps.run(
    () => files.rename(kept, previous),
    // Where the step below was undone, there is nothing to remove.
    () => hadFormer ? files.rename(former, previous) : files.remove(previous).catch(() => {}),
  );
  await steps.run(() => files.rename(fresh, current), () => files.rename(previous, current));
}

async function moveAside(fresh: string, { names, work, files }: Swap, steps: Steps): Promise<void> {
  const { current, previous } = names;
  const [former, failed] = [join(work, "former"), join(work, "failed")];
  if (await files.exists(previous)) {
    await steps.run(() => files.rename(previous, former), () => files.rename(former, previous));
  }
  await steps.run(() => files.rename(current, previous), () => files.rename(previous, current));
  await steps.run(() => files.rename(fresh, current), () => files.rename(current, failed));
}

/** What was done, and how to undo it. */
class Steps {
  readonly #undo: (() => Promise<void>)[] = [];

  async run(work: () => Promise<void>, undo?: () => Promise<void>): Promise<void> {
    await work();
    if (undo) this.#undo.push(undo);
  }

  /** The last first. @throws the first failure */
  async undo(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo();
  }
}

async function goBack(steps: Steps, { names }: Swap, first: unknown): Promise<void> {
  try {
    await steps.undo();
  } catch (error) {
    const words = [first, error].map((one) => one instanceof Error ? one.message : String(one));
    throw new KmError("update_failed", `Cannot put the old km back: ${words[1]} (after: ${words[0]})`, {
      hint: `the old one is "${names.previous}": move it to "${names.current}"`,
      cause: error,
    });
  }
}

/** The file system of this machine. */
export const diskFiles: SwapFiles = {
  exists: (path) => Deno.lstat(path).then(() => true, () => false),
  rename: (from, to) => Deno.rename(from, to),
  // Some file systems have no hard links: exFAT, some of the network.
  link: (from, to) => Deno.link(from, to).catch(() => Deno.copyFile(from, to)),
  remove: (path) => Deno.remove(path),
};
