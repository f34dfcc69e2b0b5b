/**
 * The Deno that km is built and tested with, as npm's registry has it. `deno run -A scripts/build/pin_deno.ts <version>` writes this file.
 * @module
 */

/** What is known of one executable. */
export interface DenoPin {
  /** The npm package that carries it. */
  readonly package: string;
  /** Of the package's tarball, as in npm's lock files (Subresource Integrity, SHA-512). */
  readonly integrity: string;
  /** Of the executable in it, in hex. */
  readonly sha256: string;
}

/** A pin with the version of Deno that it is of: `pin_deno.ts` keeps none of another. */
export interface VersionedPin extends DenoPin {
  readonly version: string;
}

/** The exact version. */
export const DENO_VERSION = "2.9.6";

/** By target triple; a target whose package could not be had when this was written is missing. */
export const DENO_PINS: Readonly<Partial<Record<string, VersionedPin>>> = {
  "x86_64-unknown-linux-gnu": {
    package: "@deno/linux-x64-glibc",
    version: "2.9.6",
    integrity:
      "sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==",
    sha256: "bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0",
  },
};

/** Where a compiled km that was built with `--with-runtime` carries that executable (zstd), beside its code; others have no such file. */
export const EMBEDDED_RUNTIME = "runtime/deno.zst";
