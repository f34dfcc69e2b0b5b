/** Writes manifests: what `src/update/manifest.ts` describes, in a form that `sed` can read. @module */
import { basename } from "node:path";
import type { Channel, Manifest, ReleaseFile } from "../../src/update/manifest.ts";
import type { BuiltFile } from "../build/compile.ts";
import { compareVersions, isPrerelease } from "../../src/core/version.ts";

/** How long a manifest is believed, in days: long enough for a quiet project, short enough that nobody is held at an old release for long. */
export const VALID_DAYS = 180;
const DAY_MS = 24 * 3600 * 1000;

/** What all manifests of a release say. */
export type ManifestContent = Omit<Manifest, "type" | "format" | "channel">;

/** The manifests of a release by file name: one for the version, and one for each of `channels`. */
export function manifestsOf(content: ManifestContent, channels: readonly Channel[]): Map<string, string> {
  return new Map([
    ...channels.map((channel) =>
      [`${channel}.json`, manifestText({ ...content, ...HEAD, channel })] as const
    ),
    [`v${content.version}.json`, manifestText({ ...content, ...HEAD, channel: null })],
  ]);
}

const HEAD = { type: "km release manifest", format: 1 } as const;

/** Who gets a version: whoever is on `beta` gets all of them, others no pre-release. */
export function channelsOf(version: string): readonly Channel[] {
  return isPrerelease(version) ? ["beta"] : ["stable", "beta"];
}

/** The newest version of each channel, as published. */
export type Newest = ReadonlyMap<Channel, string>;

/** Of the channels of `version`, those that do not go backwards with it. The same version again is no step back. */
export function channelsToWrite(version: string, newest: Newest): readonly Channel[] {
  return channelsOf(version).filter((channel) => {
    const before = newest.get(channel);
    return before === undefined || compareVersions(version, before) >= 0;
  });
}

/** One key a line, one file a line. @throws {TypeError} when a value would need an escape, which `sed` does not read */
export function manifestText(manifest: Manifest<Channel | null>): string {
  const { type, format, channel, version, commit, published, expires, files } = manifest;
  const head = Object.entries({ type, format, channel, version, commit, published, expires }).map(
    ([key, value]) => `  ${plain(key)}: ${plain(value)},`,
  );
  const lines = Object.entries(files).sort(byName).map(([target, { name, url, bytes, sha256 }]) => {
    const pairs = Object.entries({ name, url, bytes, sha256 }).map(([key, value]) =>
      `"${key}": ${plain(value)}`
    );
    return `    ${plain(target)}: {${pairs.join(", ")}}`;
  });
  return ["{", ...head, '  "files": {', lines.join(",\n"), "  }", "}", ""].join("\n");
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function plain(value: string | number | null): string {
  const json = JSON.stringify(value);
  if (!/^("[ -!#-[\]-~]*"|\d+|null)$/.test(json)) throw new TypeError(`${json} may not stand in a manifest`);
  return json;
}

/** A built file as a manifest names it. `filesUrl` is the folder of the files when it is another than that of the manifests. */
export function releaseFile(file: BuiltFile, filesUrl: string | undefined): ReleaseFile {
  const name = basename(file.path);
  const url = filesUrl === undefined ? name : `${filesUrl}/${encodeURIComponent(name)}`;
  return { name, url, bytes: file.bytes, sha256: file.sha256 };
}

/** The end of belief in a manifest of `published`. */
export function expiryOf(published: Date, validDays: number = VALID_DAYS): Date {
  return new Date(published.getTime() + validDays * DAY_MS);
}

/** ISO 8601, UTC, whole seconds. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
