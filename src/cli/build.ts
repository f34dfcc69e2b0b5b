/** What the build wrote into this km. @module */
import type { ReleaseKey } from "../update/release_key.ts";

/** Where a built km comes from. */
export interface Build {
  readonly version: string;
  /** Commit, in hex, with "+" behind it when the checkout was changed; null: built outside of a checkout. */
  readonly commit: string | null;
  /** Target triple, as `x86_64-unknown-linux-gnu`. */
  readonly target: string;
  /** Address of the folder that holds install.sh and the manifests, without a slash at its end; null: this build updates from nowhere. */
  readonly baseUrl: string | null;
  /** Whose signatures are believed: the key in use and the one that replaces it. */
  readonly releaseKeys: readonly ReleaseKey[];
  /** npm registry that Deno's executable can be had from, without a slash at its end; null: only one that the environment names. */
  readonly npmRegistry: string | null;
}

/** Null in a checkout. In a built km another file takes the place of this one (`scripts/build/bundle.ts`). */
export const BUILD: Build | null = null;
