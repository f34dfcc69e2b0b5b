/**
 * What km remembers about updates: `$KM_HOME/update.json`. Nothing in it is believed without a signature: it only holds back.
 * @module
 */
import { dirname } from "node:path";
import { FileLock } from "../proc/file_lock.ts";
import type { Channel } from "./manifest.ts";
import { compareVersions, isVersion } from "../core/version.ts";

/** The newest manifest of a channel that was believed. */
export interface SeenRelease {
  readonly version: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly published: string;
}

/** Times are ISO 8601 in UTC; null: never. */
export interface UpdateState {
  /** The daily check does not look before this. */
  readonly nextCheckAt: string | null;
  /** When a manifest was last fetched and believed. */
  readonly checkedAt: string | null;
  /** When a terminal was last told of a release. */
  readonly toldAt: string | null;
  readonly seen: Readonly<Partial<Record<Channel, SeenRelease>>>;
  /** The version that `km update --rollback` left: nobody is told of it again. */
  readonly rolledBackFrom: string | null;
  /** The last switch: programs that still run the version before know by it. */
  readonly installed: { readonly file: string; readonly version: string } | null;
}

/** Who asks: the version that runs, and the file that it was started from. */
export interface Runner {
  readonly version: string;
  readonly file: string;
}

export const NO_UPDATE_STATE: UpdateState = {
  nextCheckAt: null,
  checkedAt: null,
  toldAt: null,
  seen: {},
  rolledBackFrom: null,
  installed: null,
};

/** How long another process may hold the lock, in ms: it writes one small file. */
const PATIENCE_MS = 2000;

/** Reads the file at `path`; what is missing or broken in it counts as never. */
export function readUpdateState(path: string): UpdateState {
  try {
    return parseState(JSON.parse(Deno.readTextFileSync(path)));
  } catch {
    return NO_UPDATE_STATE;
  }
}

/** The version that `km update` would install on `channel`, as far as it was heard of; null for none. */
export function pendingVersion(state: UpdateState, runner: Runner, channel: Channel): string | null {
  const { installed, seen, rolledBackFrom } = state;
  const version = installed?.file === runner.file ? installed.version : runner.version;
  const newest = seen[channel]?.version;
  if (newest === undefined || newest === rolledBackFrom || compareVersions(newest, version) <= 0) return null;
  return newest;
}

/**
 * Changes the file, one process at a time. Null when another one is at it: at once with `wait: false`, else after 2 s.
 * @throws what the system says when it cannot be written
 */
export async function changeUpdateState(
  path: string,
  change: (state: UpdateState) => UpdateState,
  { wait = true }: { readonly wait?: boolean } = {},
): Promise<UpdateState | null> {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  using lock = await FileLock.takeWithin(`${path}.lock`, wait ? PATIENCE_MS : 0, { remove: true });
  if (lock === null) return null;
  const before = readUpdateState(path);
  const after = change(before);
  if (after === before) return after;
  // A reader never sees half of it.
  Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
  Deno.renameSync(`${path}.new`, path);
  return after;
}

function parseState(value: unknown): UpdateState {
  const { nextCheckAt, checkedAt, toldAt, seen, rolledBackFrom, installed } = fields(value);
  const { stable, beta } = fields(seen);
  const { file, version } = fields(installed);
  return {
    nextCheckAt: time(nextCheckAt),
    checkedAt: time(checkedAt),
    toldAt: time(toldAt),
    seen: { ...release("stable", stable), ...release("beta", beta) },
    rolledBackFrom: isText(rolledBackFrom) && isVersion(rolledBackFrom) ? rolledBackFrom : null,
    installed: isText(file) && isText(version) && isVersion(version) ? { file, version } : null,
  };
}

function release(channel: Channel, value: unknown): Partial<Record<Channel, SeenRelease>> {
  const { version, published } = fields(value);
  if (!isText(version) || !isVersion(version) || !isText(published) || time(published) === null) return {};
  return { [channel]: { version, published } };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {}; // Any object has such fields.
}

function time(value: unknown): string | null {
  return isText(value) && !Number.isNaN(Date.parse(value)) ? value : null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
