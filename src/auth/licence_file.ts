/** The licence token and what is known of it, in one sealed file beside its key. @module */
import { withFileLock } from "../proc/private_file.ts";
import type { LicenceRecord } from "./licence.ts";
import { makeSealKey, readSealed, readSealKey, writeSealed } from "./sealed_file.ts";

const BOUND_TO = ["licence"] as const;

/** What is kept, or why it cannot be told. */
export interface KeptLicence {
  /** Null: nothing. */
  readonly record: LicenceRecord | null;
  /** One line for people. */
  readonly refused: string | null;
}

export class LicenceFile {
  readonly path: string;
  readonly keyPath: string;

  constructor(path: string) {
    this.path = path;
    this.keyPath = `${path}.key`;
  }

  /** Never throws: what cannot be believed counts as not there. */
  async read(): Promise<KeptLicence> {
    try {
      const { text, refused } = await readSealed(this.path, {
        key: await readSealKey(this.keyPath),
        boundTo: BOUND_TO,
      });
      return { record: text === null ? null : JSON.parse(text) as LicenceRecord, refused }; // as: only km can have sealed it
    } catch (error) {
      return { record: null, refused: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * Puts what `change` makes of what is kept in its place, while no other process does; null: it stays as it is.
   * @throws {KmError} store_unavailable
   */
  async change(change: (kept: KeptLicence) => LicenceRecord | null): Promise<LicenceRecord | null> {
    return await withFileLock(this.path, async () => {
      const kept = await this.read();
      const record = change(kept);
      if (record === null) return kept.record;
      const key = await makeSealKey(this.keyPath);
      await writeSealed(this.path, JSON.stringify(record), { key, boundTo: BOUND_TO });
      return record;
    });
  }

  /** Tells one state of the file from another. */
  mark(): string {
    try {
      const { ino, size, mtime, ctime } = Deno.lstatSync(this.path);
      return [ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
    } catch {
      return "none";
    }
  }
}
