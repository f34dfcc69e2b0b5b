/**
 * Which `deno` executable plugins run on: the one place that decides it, for every caller. A compiled km holds no Deno that could start another
 * program, so one is looked for in a fixed order, and the first that will do is it.
 *
 * 1. `KM_DENO`: what the user says. It is used or refused, never passed over in silence.
 * 2. The Deno that runs km itself, in a checkout and in the portable file.
 * 3. km's copy in `$KM_HOME/runtime`, executed only when it has the pinned hash.
 * 4. The one that was built into km, unpacked to where 3 is.
 * 5. One on PATH, of a version that km is tested with.
 * 6. Where the caller allows it, a download to where 3 is.
 * @module
 */
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { KmError } from "../core/error.ts";
import { checkCopy, copyPath, type DenoCopy, installCopy } from "./deno_copy.ts";
import { type DenoDownload, downloadDeno } from "./deno_download.ts";
import { DENO_VERSION, type DenoPin } from "./deno_pins.ts";
import { askDenoVersion, isTestedDeno, TESTED_DENO } from "./deno_version.ts";

/** Where a Deno may come from, in the order of the looking. */
export type DenoPlace = "KM_DENO" | "km" | "copy" | "embedded" | "PATH";

/** What there is to look at; put together in one place (`cli/deno_for_plugins.ts`). */
export interface DenoPlaces {
  /** The path that KM_DENO holds, absolute; null when it is not set. */
  readonly chosen: string | null;
  /** The Deno that runs km; null in a compiled km. */
  readonly own: { readonly path: string; readonly version: string } | null;
  /** `$KM_HOME/runtime`. */
  readonly folder: string;
  /** Target triple of this system. */
  readonly target: string;
  /** What is known of the executable for `target`; null when none was pinned for it. */
  readonly pin: DenoPin | null;
  /** The executable that was built into km, compressed with zstd; null when none was. */
  readonly embedded: string | null;
  /** Executables called `deno` on PATH, absolute, in its order. */
  readonly onPath: readonly string[];
  /** The environment of this process, for executables that are asked for their version. */
  readonly env: Readonly<Record<string, string>>;
}

/** Plugins can run. */
export interface DenoReady {
  readonly status: "ready";
  readonly from: DenoPlace;
  readonly path: string;
  readonly version: string;
}

/** The user's choice will not do; nothing else was looked at. */
export interface DenoRefused {
  readonly status: "refused";
  readonly path: string;
  readonly reason: string;
  readonly hint: string;
}

/** There is none: plugins are off, all else works. */
export interface DenoOff {
  readonly status: "off";
  /** Why, for each place that was looked at. */
  readonly reasons: readonly { readonly place: DenoPlace; readonly reason: string }[];
  readonly hint: string;
}

export type DenoRuntime = DenoReady | DenoRefused | DenoOff;

/** The built-in one will do, and is not unpacked yet. */
export interface DenoPacked {
  readonly status: "packed";
  readonly version: string;
}

/** Where to download from when there is none. A user is asked before: it is 42 MB. */
export type DownloadFrom = Pick<DenoDownload, "registry" | "onProgress" | "signal">;

/**
 * Finds the Deno to run plugins on; unpacks the built-in one when it comes to that. Throws nothing without `from`.
 * @throws {KmError} what `downloadDeno` throws
 */
export async function findDeno(places: DenoPlaces, from?: DownloadFrom): Promise<DenoRuntime> {
  const found = await findHere(places);
  const { folder, target, pin } = places;
  if (found.status !== "off" || from === undefined || pin === null) return found;
  const path = await downloadDeno({ ...from, pin, target, folder, version: DENO_VERSION });
  return { status: "ready", from: "copy", path, version: DENO_VERSION };
}

async function findHere(places: DenoPlaces): Promise<DenoRuntime> {
  return await decide(places, async (file, copy) => {
    try {
      const path = await installCopy(copy, async () => await unpackEmbedded(file));
      return { status: "ready", from: "embedded", path, version: copy.version };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
}

/** Says what `findDeno` would find, and writes nothing. Never throws. */
export async function lookForDeno(places: DenoPlaces): Promise<DenoRuntime | DenoPacked> {
  return await decide(places, (_file, { version }): DenoPacked => ({ status: "packed", version }));
}

/** km's copy as `places` say; null when none is pinned for this system. */
export function copyOf({ folder, target, pin }: DenoPlaces): DenoCopy | null {
  return pin === null ? null : { folder, target, version: DENO_VERSION, sha256: pin.sha256 };
}

/** `unpack` answers for the built-in one: what was found, or why it will not do. */
async function decide<T extends DenoReady | DenoPacked>(
  places: DenoPlaces,
  unpack: (file: string, copy: DenoCopy) => Promise<T | string> | T | string,
): Promise<T | DenoRuntime> {
  if (places.chosen !== null) return await takeChosen(places.chosen, places.env);
  const reasons: { place: DenoPlace; reason: string }[] = [];
  const looks: readonly [DenoPlace, () => Promise<T | DenoReady | string>][] = [
    ["km", () => lookAtOwn(places)],
    ["copy", () => lookAtCopy(places)],
    ["embedded", async () => {
      const copy = copyOf(places);
      if (places.embedded === null) return "this km was built without one";
      return copy === null ? noPin(places) : await unpack(places.embedded, copy);
    }],
    ["PATH", () => lookAtPath(places)],
  ];
  for (const [place, look] of looks) {
    const found = await look();
    if (typeof found !== "string") return found;
    reasons.push({ place, reason: found });
  }
  return { status: "off", reasons, hint: hintFor(places) };
}

async function takeChosen(path: string, env: DenoPlaces["env"]): Promise<DenoReady | DenoRefused> {
  const hint = `set KM_DENO to the path of ${TESTED_DENO}, or unset it`;
  const answer = await askDenoVersion(path, env);
  if ("reason" in answer) return { status: "refused", path, reason: answer.reason, hint };
  const { version } = answer;
  return isTestedDeno(version)
    ? { status: "ready", from: "KM_DENO", path, version }
    : { status: "refused", path, reason: untested(version), hint };
}

async function lookAtOwn({ own }: DenoPlaces): Promise<DenoReady | string> {
  if (own === null) return "a compiled km runs no other programs with its own";
  if (!isTestedDeno(own.version)) return untested(own.version);
  // What it was unpacked to may have been removed since it was started.
  const isFile = await Deno.stat(own.path).then((info) => info.isFile, () => false);
  return isFile ? { status: "ready", from: "km", ...own } : `${own.path} is gone`;
}

async function lookAtCopy(places: DenoPlaces): Promise<DenoReady | string> {
  const copy = copyOf(places);
  if (copy === null) return noPin(places);
  const state = await checkCopy(copy);
  if (state.kind === "broken") return state.reason;
  const path = copyPath(copy);
  return state.kind === "sound"
    ? { status: "ready", from: "copy", path, version: copy.version }
    : `there is no ${path}`;
}

async function lookAtPath({ onPath, env }: DenoPlaces): Promise<DenoReady | string> {
  const reasons: string[] = [];
  for (const path of onPath) {
    const answer = await askDenoVersion(path, env);
    if ("version" in answer && isTestedDeno(answer.version)) {
      return { status: "ready", from: "PATH", path, version: answer.version };
    }
    reasons.push(`${path}: ${"reason" in answer ? answer.reason : untested(answer.version)}`);
  }
  return reasons.length === 0 ? "there is no deno" : reasons.join("; ");
}

async function unpackEmbedded(file: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  try {
    const bytes = await promisify(zstdDecompress)(await Deno.readFile(file));
    return new Blob([new Uint8Array(bytes)]).stream();
  } catch (error) {
    throw new KmError("not_trusted", `Cannot unpack the Deno in km: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function untested(version: string): string {
  return `it is Deno ${version}, and km is tested with ${TESTED_DENO}`;
}

function noPin({ target }: DenoPlaces): string {
  return `this km knows no Deno for ${target} that it could verify`;
}

function hintFor({ pin }: DenoPlaces): string {
  const other = `put ${TESTED_DENO} on PATH, or set KM_DENO to its path`;
  return pin === null ? other : `km doctor --fix plugins.runtime downloads it; or ${other}`;
}
