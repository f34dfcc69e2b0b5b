/** From the bytes of a manifest.json to a manifest of which every field is what it must be. Whether it is believed is for the signature. @module */
import { parseTimeUs } from "../../core/iso_time.ts";
import { MAX_PLUGIN_NAME, PLUGIN_NAME, TIERS } from "../../core/plugin.ts";
import { isVersion } from "../../core/version.ts";
import { schemaProblem } from "../config_schema.ts";
import {
  DEFAULT_LIMITS,
  type FileEntry,
  type Limits,
  type Manifest,
  MAX_LIMITS,
  MIN_LIMITS,
} from "../manifest.ts";
import { MAX_ENTRY_BYTES, MAX_JSON_BYTES } from "./archive.ts";
import { Fields } from "./fields.ts";
import { readPermissions } from "./read_permissions.ts";
import { refuseManifest, show } from "./refuse.ts";
import { isObject, parseStrictJson } from "./strict_json.ts";

/** The form of manifests that this km reads. */
export const MANIFEST_SCHEMA = 1;

const MAX_DESCRIPTION = 300;
const MAX_VERSION = 100;
const MAX_PROTOCOLS = 16;
/** Files that a manifest may list: all of the archive but itself and the signatures. */
const LISTED = ["plugin.js", "README.md", "LICENSE"] as const;

/** @throws {KmError} not_trusted, naming the field that is not as it must be */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_JSON_BYTES) throw refuseManifest(`it is longer than ${MAX_JSON_BYTES} bytes`);
  const fields = new Fields("", parseJson(bytes));
  // First: another form may have other fields.
  if (fields.take("schema") !== MANIFEST_SCHEMA) {
    throw refuseManifest(
      `its schema is not ${MANIFEST_SCHEMA}, the only one that this km reads`,
      "if the package is for a newer km, update km",
    );
  }
  const manifest: Manifest = {
    schema: MANIFEST_SCHEMA,
    name: fields.text(
      "name",
      MAX_PLUGIN_NAME,
      PLUGIN_NAME,
      "small letters, digits and single hyphens, at most 64",
    ),
    version: readVersion(fields, "version"),
    description: fields.text(
      "description",
      MAX_DESCRIPTION,
      /^\S(.*\S)?$/u,
      "one line of 1 to 300 characters",
    ),
    protocol: readProtocols(fields),
    requiredTier: fields.oneOf("requiredTier", TIERS),
    // No other letters: they can look the same and be another publisher's.
    publisher: fields.text(
      "publisher",
      64,
      /^[A-Za-z0-9]([A-Za-z0-9 ._@-]*[A-Za-z0-9.])?$/,
      "1 to 64 Latin letters, digits, spaces and . _ @ -",
    ),
    customerId: readCustomer(fields),
    minKm: readVersion(fields, "minKm"),
    permissions: readPermissions(fields.object("permissions")),
    limits: readLimits(fields),
    configSchema: readConfigSchema(fields),
    files: readFiles(fields.object("files")),
    releaseSequence: fields.whole("releaseSequence", 1, Number.MAX_SAFE_INTEGER),
    notBefore: readTime(fields, "notBefore"),
    expires: readTime(fields, "expires"),
  };
  fields.end();
  refuseTimes(manifest);
  return manifest;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw refuseManifest(cause.message);
  }
}

function readVersion(fields: Fields, name: "version" | "minKm"): string {
  const form = "a semantic version, such as 1.2.3";
  const version = fields.text(name, MAX_VERSION, /./, form);
  if (!isVersion(version)) throw fields.wrong(name, version, form);
  return version;
}

function readProtocols(fields: Fields): readonly number[] {
  const value = fields.take("protocol");
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const numbers = list.filter((one): one is number =>
    Number.isInteger(one) && Number(one) >= 1 && Number(one) < 1000
  );
  const isGood = numbers.length === list.length && list.length > 0 && list.length <= MAX_PROTOCOLS &&
    new Set(numbers).size === numbers.length;
  if (!isGood) throw fields.wrong("protocol", value, "a list of different whole numbers, such as [1]");
  return numbers;
}

function readCustomer(fields: Fields): string | null {
  if (fields.isNothing("customerId")) return null;
  return fields.text(
    "customerId",
    128,
    /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/,
    "null, or 1 to 128 letters, digits and . _ : @ -",
  );
}

function readLimits(fields: Fields): Limits {
  if (!fields.has("limits")) return DEFAULT_LIMITS;
  const given = fields.object("limits");
  const limit = (name: keyof Limits) =>
    given.has(name) ? given.whole(name, MIN_LIMITS[name], MAX_LIMITS[name]) : DEFAULT_LIMITS[name];
  const limits: Limits = {
    heapMiB: limit("heapMiB"),
    residentMiB: limit("residentMiB"),
    cpuPercent: limit("cpuPercent"),
    messageMs: limit("messageMs"),
    frameBytes: limit("frameBytes"),
    logBytesPerMinute: limit("logBytesPerMinute"),
    payloadBytes: limit("payloadBytes"),
    queueMessages: limit("queueMessages"),
    queueBytes: limit("queueBytes"),
  };
  given.end();
  return limits;
}

function readConfigSchema(fields: Fields): Readonly<Record<string, unknown>> | null {
  const value = fields.take("configSchema") ?? null;
  if (value !== null && !isObject(value)) throw fields.wrong("configSchema", value, "a JSON Schema or null");
  if (value !== null && value.type !== "object") {
    throw fields.wrong("configSchema.type", value.type, '"object": a configuration has named fields');
  }
  const problem = value === null ? null : schemaProblem(value);
  if (problem !== null) throw refuseManifest(problem);
  return value;
}

function readFiles(fields: Fields): Readonly<Record<string, FileEntry>> {
  const files: Partial<Record<string, FileEntry>> = {};
  for (const name of LISTED) {
    if (name !== "plugin.js" && !fields.has(name)) continue;
    const entry = fields.object(name);
    files[name] = {
      sha256: entry.text("sha256", 64, /^[0-9a-f]{64}$/, "64 hexadecimal digits in small letters"),
      sizeBytes: entry.whole("sizeBytes", name === "plugin.js" ? 1 : 0, MAX_ENTRY_BYTES),
    };
    entry.end();
  }
  const [extra] = fields.names();
  if (extra !== undefined) {
    throw refuseManifest(`it lists a file ${show(extra)}, which belongs into no package`);
  }
  return files as Readonly<Record<string, FileEntry>>; // Absent names are absent, not undefined.
}

function readTime(fields: Fields, name: "notBefore" | "expires"): string | null {
  if (fields.isNothing(name)) return null;
  const form = "null, or a time in UTC, such as 2027-01-31T00:00:00Z";
  const time = fields.text(name, 40, /Z$/, form);
  if (parseTimeUs(time) === null) throw fields.wrong(name, time, form);
  return time;
}

function refuseTimes({ notBefore, expires }: Manifest): void {
  if (notBefore === null || expires === null || Date.parse(notBefore) < Date.parse(expires)) return;
  throw refuseManifest(`it expires (${expires}) before it begins (${notBefore})`);
}
