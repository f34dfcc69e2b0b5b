/** A plugin's folder as its author keeps it: `plugin.ts`, `km.plugin.jsonc`, and what goes along. @module */
import { join } from "node:path";
import { parseJsonc } from "../../config/jsonc.ts";
import { KmError } from "../../core/error.ts";
import { DEFAULT_LIMITS, type Manifest } from "../manifest.ts";

/** The plugin itself. */
export const PLUGIN_FILE = "plugin.ts";
/** What the package will say of it, from most to least wanted. */
export const MANIFEST_FILES = ["km.plugin.jsonc", "km.plugin.json"] as const;
/** Go into the package as they are, where there are any. */
const DOCUMENTS = ["README.md", "LICENSE"] as const;

/** A manifest before its files are known. */
export type ManifestSource = Omit<Manifest, "files">;

/** What was read of a folder. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  readonly source: string;
  readonly manifest: ManifestSource;
  /** README.md and LICENSE, by name. */
  readonly documents: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

/** Reads a plugin's folder. @throws {KmError} not_found, usage */
export async function readProject(folder: string): Promise<Project> {
  const source = await readText(join(folder, PLUGIN_FILE));
  if (source === null) throw noPlugin(folder, PLUGIN_FILE);
  const documents: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (const name of DOCUMENTS) {
    const bytes = await read(join(folder, name));
    if (bytes !== null) documents[name] = bytes;
  }
  return { folder, source, manifest: await readManifestSource(folder), documents };
}

async function readManifestSource(folder: string): Promise<ManifestSource> {
  for (const name of MANIFEST_FILES) {
    const text = await readText(join(folder, name));
    if (text !== null) return completeManifest(text, join(folder, name));
  }
  throw noPlugin(folder, MANIFEST_FILES[0]);
}

/** What an author leaves out, filled in. What it says is checked when the package is made. @throws {KmError} usage */
export function completeManifest(text: string, path: string): ManifestSource {
  const said = parse(text, path);
  const { name, version } = said;
  if (typeof name !== "string" || typeof version !== "string") {
    throw new KmError("usage", `Cannot use "${path}": it needs "name" and "version"`);
  }
  const { releaseSequence = sequenceOf(version), permissions, limits, ...rest } = said;
  // What is said may be anything: `parseManifest` has the last word, on the bytes that are packed.
  return {
    schema: 1,
    description: "",
    protocol: [1, 2],
    requiredTier: "free",
    publisher: "",
    customerId: null,
    minKm: "0.1.0",
    configSchema: null,
    notBefore: null,
    expires: null,
    ...rest,
    releaseSequence,
    permissions: isMissing(permissions) ? completePermissions(permissions ?? {}) : permissions,
    limits: isMissing(limits) ? { ...DEFAULT_LIMITS, ...limits } : limits,
  } as unknown as ManifestSource;
}

function completePermissions({ data, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const all = { servers: ["*"], methods: ["*"], directions: ["client_to_server", "server_to_client"] };
  return {
    net: [],
    read: [],
    write: [],
    env: [],
    ...rest,
    data: isMissing(data) ? { ...all, payload: "redacted", ...data } : data,
  };
}

function parse(text: string, path: string): Record<string, unknown> {
  try {
    const value = parseJsonc(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw new KmError("usage", `Cannot read "${path}": ${(error as Error).message}`, { cause: error });
  }
  throw new KmError("usage", `Cannot read "${path}": it is no JSON object`);
}

/** 1.4.2 is the release 1_004_002: what comes later is more, without a number to keep. */
function sequenceOf(version: string): number {
  const [, major, minor, patch] = /^(\d{1,6})\.(\d{1,3})\.(\d{1,3})$/.exec(version) ?? [];
  if (patch === undefined) {
    throw new KmError("usage", `The version "${version}" says nothing about its place among the releases`, {
      hint: 'add "releaseSequence", a number that grows with each release',
    });
  }
  return Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch);
}

function noPlugin(folder: string, file: string): KmError {
  return new KmError("not_found", `No plugin in "${folder}": there is no ${file}`, {
    hint: 'go to the folder of a plugin, name it, or make one: "km plugins new <name>"',
  });
}

async function readText(path: string): Promise<string | null> {
  const bytes = await read(path);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

async function read(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw new KmError("not_found", `Cannot read "${path}": ${(error as Error).message}`, { cause: error });
  }
}

/** True for what is there in part or not at all. What is something else stays as it is, to be refused. */
function isMissing(value: unknown): value is Record<string, unknown> | undefined {
  return value === undefined || isObject(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
