/** Gets a package from where a user says that it is: a file, or an address. Nothing of it is believed yet, and no more of it is taken than a package may have. @module */
import { KmError } from "../../core/error.ts";
import { fetchWhole } from "../../proc/fetch_pieces.ts";
import { MAX_PACKAGE_BYTES } from "./archive.ts";
import { refuseLargePackage } from "./refuse.ts";

/** How a package is fetched. */
export interface PackageTransfer {
  /** Told to the server. */
  readonly userAgent?: string;
  /** Stops it, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** True for what is an address rather than the name of a file. */
export function isPackageAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/**
 * Reads a package's file, of which the name may be anything.
 * @throws {KmError} not_found; not_trusted when it is no plain file or too large; store_unavailable when it cannot be read
 */
export async function readPackageFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const fail = (state: string) => `Cannot read package "${path}": ${state}`;
  try {
    // Looked at before it is opened: opening a pipe would wait for whoever writes.
    const info = await Deno.stat(path);
    if (!info.isFile) throw new KmError("not_trusted", fail("it is no plain file"));
    using file = await Deno.open(path);
    return await readAtMost(file, MAX_PACKAGE_BYTES);
  } catch (error) {
    if (error instanceof KmError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new KmError("not_found", fail("there is no such file"), {
        hint: "name a .kmpkg file, an https address, or a plugin of a registry",
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new KmError("store_unavailable", fail(reason), { cause: error });
  }
}

/** However large the file has become since anybody looked. */
async function readAtMost(file: Deno.FsFile, mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(mostBytes + 1);
  let at = 0;
  while (at < bytes.length) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) return bytes.slice(0, at);
    at += count;
  }
  throw refuseLargePackage(mostBytes);
}

/**
 * Fetches a package by https; by http from this machine alone.
 * @throws {KmError} usage when it is no such address; download_failed, also when the answer is larger than a package can be; the signal's reason
 */
export async function fetchPackage(
  address: string,
  transfer: PackageTransfer = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const url = URL.parse(address);
  if (url === null || !isSafe(url)) {
    throw new KmError("usage", `Cannot download "${address}": it is no https address`, {
      hint: "packages come by https, or from a file; http only from this machine",
    });
  }
  return await fetchWhole(url, {
    ...transfer,
    maxBytes: MAX_PACKAGE_BYTES,
    mayAsk: isSafe,
    hintFor: () => "nothing was installed; check the address and the network (HTTPS_PROXY, DENO_CERT)",
  });
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" ||
    (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}
