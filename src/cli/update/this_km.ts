/** The km that runs, as something that can be updated. @module */
import { dirname } from "node:path";
import { readEnv } from "../../config/environment.ts";
import { KmError } from "../../core/error.ts";
import { type Manager, managerOf, realFile } from "../../update/km_files.ts";
import type { ReleaseKey } from "../../update/release_key.ts";
import { releaseAddress } from "../../update/transfer.ts";
import { BUILD, type Build } from "../build.ts";
import { installation } from "../installation.ts";

/** A built km. */
export interface BuiltKm {
  readonly build: Build;
  /** The file itself, no link. */
  readonly file: string;
  /** Who looks after that file; null: km itself. */
  readonly manager: Manager | null;
}

/** @throws {KmError} unsupported in a checkout */
export function updatableKm(): BuiltKm {
  const { kind, file } = installation();
  if (BUILD === null || kind === "source") {
    throw new KmError("unsupported", `Cannot update: this km runs from a checkout, "${dirname(file)}"`, {
      hint: `run "git pull" there`,
    });
  }
  const real = realFile(file);
  return { build: BUILD, file: real, manager: managerOf(real) };
}

/** Where releases come from, and whose are believed. */
export interface ReleaseSource {
  readonly base: string;
  readonly keys: readonly ReleaseKey[];
}

/** KM_BASE_URL goes before the address that was built in; nothing goes before the keys. @throws {KmError} unsupported, usage */
export function releaseSource({ baseUrl, releaseKeys, version }: Build): ReleaseSource {
  const base = readEnv("KM_BASE_URL") ?? baseUrl;
  const missing = releaseKeys.length === 0 ? "release keys" : "an address of releases";
  if (releaseKeys.length === 0 || base === null) {
    throw new KmError("unsupported", `Cannot update: this km ${version} was built without ${missing}`, {
      hint: "build the newer version from a checkout, or install a release",
    });
  }
  return { base: releaseAddress(base), keys: releaseKeys };
}

/** What the server is told. */
export function userAgent({ version }: Build): string {
  return `km/${version}`;
}
