/** From bytes that somebody sent to a manifest that is believed: signature first, then every field. @module */
import { KmError } from "../core/error.ts";
import { type Channel, CHANNELS, type Manifest, type ReleaseFile } from "./manifest.ts";
import type { ReleaseKey } from "./release_key.ts";
import { verifySignature } from "./verify.ts";
import { isPrerelease, isVersion } from "../core/version.ts";

/** No km is larger: a compiled file with a second Deno inside takes about 250 MB (2026-11). */
export const MAX_FILE_BYTES: number = 1024 * 1024 * 1024;
/** A clock may be a little behind that of whoever released, in ms. */
const MAX_AHEAD_MS = 24 * 3_600_000;
const MAX_FILES = 100;

/** What a manifest is read with. */
export interface ManifestContext<C extends Channel | null> {
  readonly keys: readonly ReleaseKey[];
  /** Which channel was asked for; null: one version. */
  readonly channel: C;
  readonly now: Date;
}

/** @throws {KmError} not_trusted, saying why */
export async function readManifest<C extends Channel | null>(
  bytes: Uint8Array<ArrayBuffer>,
  sigText: string,
  { keys, channel, now }: ManifestContext<C>,
): Promise<Manifest<C>> {
  await verifySignature(bytes, sigText, keys);
  const manifest = parseManifest(bytes);
  if (manifest.channel !== channel) {
    throw distrust(
      `it is of ${nameOf(manifest.channel)}, not of ${nameOf(channel)}`,
      "the address serves one manifest in the place of another: tell the project",
    );
  }
  refuseTimes(manifest, now);
  return { ...manifest, channel };
}

function nameOf(channel: Channel | null): string {
  return channel === null ? "one version" : `channel "${channel}"`;
}

/** Every field has the form that it must have; there may be more fields. @throws {KmError} not_trusted */
function parseManifest(bytes: Uint8Array): Manifest<Channel | null> {
  const value = parseJson(bytes);
  const { type, format, channel, version, commit, published, expires, files } = value;
  if (type !== "km release manifest") throw distrust(`its type is ${show(type)}`);
  if (format !== 1) {
    throw distrust(
      `its format is ${show(format)}, this km reads format 1`,
      "install km anew, as on its home page",
    );
  }
  if (channel !== null && !CHANNELS.includes(channel as Channel)) {
    throw distrust(`its channel is ${show(channel)}`);
  }
  if (typeof version !== "string" || !isVersion(version)) throw distrust(`its version is ${show(version)}`);
  if (channel === "stable" && isPrerelease(version)) throw distrust(`"${version}" is no stable version`);
  if (commit !== null && !(typeof commit === "string" && /^[0-9a-f]{7,64}\+?$/.test(commit))) {
    throw distrust(`its commit is ${show(commit)}`);
  }
  if (!isTime(published)) throw distrust(`its time of publication is ${show(published)}`);
  if (!isTime(expires)) throw distrust(`its time of expiry is ${show(expires)}`);
  return {
    type,
    format,
    channel: channel as Channel | null, // As just seen.
    version,
    commit,
    published,
    expires,
    files: parseFiles(files),
  };
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw distrust("it is no JSON", undefined, cause);
  }
  if (!isObject(value)) throw distrust("it is no JSON object");
  return value;
}

function parseFiles(value: unknown): Readonly<Record<string, ReleaseFile>> {
  if (!isObject(value)) throw distrust("it lists no files");
  const entries = Object.entries(value);
  if (entries.length > MAX_FILES) throw distrust(`it lists ${entries.length} files`);
  return Object.fromEntries(entries.map(([target, file]) => [target, parseFile(target, file)]));
}

function parseFile(target: string, value: unknown): ReleaseFile {
  const wrong = (what: string, found: unknown) =>
    distrust(`the ${what} of its file for ${show(target)} is ${show(found)}`);
  if (!/^[a-z0-9_-]{1,60}$/.test(target)) throw distrust(`it names a target ${show(target)}`);
  if (!isObject(value)) throw wrong("entry", value);
  const { name, url, bytes, sha256 } = value;
  if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$/.test(name)) {
    throw wrong("name", name);
  }
  if (typeof url !== "string" || url === "" || url.length > 2000) throw wrong("address", url);
  if (!Number.isSafeInteger(bytes) || Number(bytes) < 1 || Number(bytes) > MAX_FILE_BYTES) {
    throw wrong("size", bytes);
  }
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) throw wrong("SHA-256", sha256);
  return { name, url, bytes: Number(bytes), sha256 };
}

/** A clock that is far off looks like a wrong manifest, so both times are told. */
function refuseTimes({ published, expires }: Manifest<Channel | null>, now: Date): void {
  const clock = now.toISOString().replace(/\.\d+Z$/, "Z");
  if (Date.parse(expires) <= now.getTime()) {
    throw distrust(
      `it expired on ${expires}, and the clock here says ${clock}`,
      "set the clock if it is wrong; else the address serves an old release, or none was made for long",
    );
  }
  if (Date.parse(published) > now.getTime() + MAX_AHEAD_MS) {
    throw distrust(`it is of ${published}, and the clock here says ${clock}`, "set the clock");
  }
  if (Date.parse(published) >= Date.parse(expires)) {
    throw distrust(`it expires (${expires}) before it is published`);
  }
}

function isTime(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return false;
  const time = Date.parse(value);
  // `Date` takes the 31st of February for the 3rd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === value.slice(0, 19);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 120);
}

function distrust(state: string, hint?: string, cause?: unknown): KmError {
  return new KmError("not_trusted", `Cannot believe the release manifest: ${state}`, {
    hint: hint ?? "a key of the project signed it, and still it is wrong: tell the project",
    ...(cause !== undefined && { cause }),
  });
}
