/** Deno's executable for a target: the pinned one, and no other. @module */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { KmError } from "../../src/core/error.ts";
import { DENO_PINS, DENO_VERSION, type DenoPin } from "../../src/proc/deno_pins.ts";
import { readTarEntry } from "../../src/proc/tar_entry.ts";
import { npm } from "./npm.ts";
import { type Target, TARGETS } from "./targets.ts";

/** What builds keep for builds. */
export const DENO_CACHE: string = fileURLToPath(new URL("../../.cache/deno", import.meta.url));

/** Where the executable may be found before anything is downloaded, and what it must be. */
export interface DenoSource {
  readonly pins?: Readonly<Partial<Record<string, DenoPin>>>;
  /** Verified executables are kept here. */
  readonly cache?: string;
  /** An executable that is at hand; the running one when it is not given. */
  readonly own?: string;
}

/** Path of the verified executable; downloads it when it is not at hand. @throws {KmError} unsupported without a pin; download_failed; not_trusted */
export async function pinnedDeno(target: Target, source: DenoSource = {}): Promise<string> {
  const { pins = DENO_PINS, cache = DENO_CACHE, own = Deno.execPath() } = source;
  const pin = pins[target];
  if (pin === undefined) throw noPin(target);
  if (await hasSha256(own, pin.sha256)) return own;
  const folder = `${cache}/${DENO_VERSION}-${target}`;
  const path = `${folder}/${executableIn(target)}`;
  if (await hasSha256(path, pin.sha256)) return path;
  const bytes = await unpackDeno(await packPinned(pin), target);
  if (sha256(bytes) !== pin.sha256) throw notPinned(`the executable in ${pin.package}@${DENO_VERSION}`);
  await Deno.mkdir(folder, { recursive: true });
  const half = await Deno.makeTempFile({ dir: folder, prefix: ".deno-" });
  await Deno.writeFile(half, bytes, { mode: 0o755 });
  if (Deno.build.os !== "windows") await Deno.chmod(half, 0o755);
  await Deno.rename(half, path);
  return path;
}

/** The package's tarball, after its integrity was checked. */
async function packPinned({ package: name, integrity }: DenoPin): Promise<Uint8Array<ArrayBuffer>> {
  const tarball = await packDeno(name, DENO_VERSION);
  if (integrityOf(tarball) !== integrity) throw notPinned(`what npm gave for ${name}@${DENO_VERSION}`);
  return tarball;
}

/** The tarball of a version as the registry has it, unchecked. @throws {KmError} download_failed */
export async function packDeno(name: string, version: string): Promise<Uint8Array<ArrayBuffer>> {
  const work = await Deno.makeTempDir({ prefix: "km-deno-" });
  try {
    await npm("pack", `${name}@${version}`, "--pack-destination", work);
    for await (const entry of Deno.readDir(work)) return await Deno.readFile(`${work}/${entry.name}`);
    throw new KmError("download_failed", `npm gave no file for ${name}@${version}`);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** The executable in a tarball. @throws {KmError} not_trusted when there is none */
export async function unpackDeno(tarball: Uint8Array, target: Target): Promise<Uint8Array<ArrayBuffer>> {
  const name = `package/${executableIn(target)}`;
  const archive = new Blob([new Uint8Array(tarball)]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    const pieces = await Array.fromAsync(readTarEntry(archive, name));
    return await new Blob(pieces).bytes() as Uint8Array<ArrayBuffer>; // A Blob's bytes are its own.
  } catch (error) {
    throw new KmError("not_trusted", `Cannot unpack the package for ${target}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** As npm's lock files write it. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/** In hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function executableIn(target: Target): string {
  return TARGETS[target].os === "windows" ? "deno.exe" : "deno";
}

async function hasSha256(path: string, wanted: string): Promise<boolean> {
  const bytes = await Deno.readFile(path).catch(() => null);
  return bytes !== null && sha256(bytes) === wanted;
}

function noPin(target: Target): KmError {
  return new KmError(
    "unsupported",
    `Cannot get Deno ${DENO_VERSION} for ${target}: src/proc/deno_pins.ts has no pin for it`,
    {
      hint: `deno run -A scripts/build/pin_deno.ts ${DENO_VERSION} adds it when npm's registry has ${
        TARGETS[target].npm
      }; or DENORT_BIN=<file> names the denort executable for it`,
    },
  );
}

function notPinned(what: string): KmError {
  return new KmError("not_trusted", `Cannot use Deno: ${what} is not what src/proc/deno_pins.ts says`, {
    hint: "nothing of it was run; another registry or proxy may have changed it",
  });
}
