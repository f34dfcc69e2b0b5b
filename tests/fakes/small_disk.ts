/** A disk that is soon full: a small tmpfs, for root on Linux. @module */
import { unlessOs, unlessRoot } from "../skip.ts";
import { TempFolder } from "../e2e/harness.ts";

/** A file system of its own, gone when disposed of. */
export class SmallDisk {
  readonly #folder = new TempFolder();
  readonly path: string = this.#folder.path;

  constructor(size: string) {
    runSync("mount", "-t", "tmpfs", "-o", `size=${size}`, "km-test", this.path);
  }

  resize(size: string): void {
    this.remount(`size=${size}`);
  }

  remount(options: string): void {
    runSync("mount", "-o", `remount,${options}`, this.path);
  }

  [Symbol.dispose](): void {
    runSync("umount", "--lazy", this.path);
    this.#folder[Symbol.dispose]();
  }
}

function runSync(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Says why no small file system can be made here, or null. */
export function unlessTmpfs(): string | null {
  const missing = unlessOs("linux") ?? unlessRoot();
  if (missing !== null) return missing;
  try {
    new SmallDisk("1m")[Symbol.dispose]();
    return null;
  } catch (error) {
    return `cannot mount a tmpfs: ${error instanceof Error ? error.message : error}`;
  }
}
