/** Fetches Deno's executable for plugins from an npm registry: the pinned package's tarball, believed by its hash alone. @module */
import { createHash } from "node:crypto";
import { KmError } from "../core/error.ts";
import { type DenoCopy, installCopy } from "./deno_copy.ts";
import type { DenoPin } from "./deno_pins.ts";
import { type Fetching, fetchWhole, shownAddress } from "./fetch_pieces.ts";
import { readTarEntry } from "./tar_entry.ts";

/** What the tarball takes about, in bytes: what a user is asked about. Source: 41.6 MB for linux-x64-glibc 2.9.6. */
export const DOWNLOAD_BYTES = 42e6;
/** No tarball is larger, in bytes; it is kept in memory until its hash is known. */
const MAX_TARBALL_BYTES = 160e6;

/** What to fetch, from where, and where it goes. */
export interface DenoDownload {
  /** Address of the npm registry; null: none is known. */
  readonly registry: string | null;
  readonly pin: DenoPin;
  readonly version: string;
  /** Target triple. */
  readonly target: string;
  /** `$KM_HOME/runtime`. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** Called as bytes come; `totalBytes` is null while nobody said it. */
  readonly onProgress?: (receivedBytes: number, totalBytes: number | null) => void;
  /** As in `Fetching`; default 30 s. */
  readonly limitMs?: number;
}

/**
 * Installs the pinned Deno and returns its path; one that is there already stays. Of two at once, one downloads and the other waits for it.
 * @throws {KmError} download_failed without a registry, at 404, a cut or stalled connection; not_trusted for other bytes than the pinned ones;
 *   store_full; store_unavailable
 */
export async function downloadDeno(download: DenoDownload): Promise<string> {
  const { registry, pin, version } = download;
  const url = tarballUrl(registry, pin.package, version);
  const copy: DenoCopy = { ...download, sha256: pin.sha256 };
  return await installCopy(copy, async () => {
    const tarball = await fetchWhole(url, fetching(download), ({ receivedBytes, totalBytes }) => {
      download.onProgress?.(receivedBytes, totalBytes);
    });
    checkIntegrity(tarball, url, pin.integrity);
    return unpack(tarball, url, download.target);
  });
}

function tarballUrl(registry: string | null, name: string, version: string): URL {
  if (registry === null) {
    throw new KmError("download_failed", `Cannot download Deno ${version}: no npm registry is known`, {
      hint: "name one: set NPM_CONFIG_REGISTRY to its address (npm config get registry prints npm's)",
    });
  }
  const file = `${name.replace(/^@[^/]*\//, "")}-${version}.tgz`;
  const url = URL.parse(`${registry.replace(/\/+$/, "")}/${name}/-/${file}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new KmError(
    "download_failed",
    `Cannot download Deno ${version}: "${registry}" is no address of a registry`,
    {
      hint: "set NPM_CONFIG_REGISTRY to one that begins with https://",
    },
  );
}

function fetching({ signal, limitMs }: DenoDownload): Fetching & { readonly maxBytes: number } {
  return {
    maxBytes: MAX_TARBALL_BYTES,
    ...(signal && { signal }),
    ...(limitMs !== undefined && { limitMs }),
    hintFor(status) {
      if (status === null) return "check the network; behind a proxy, set HTTPS_PROXY; then try again";
      return status === 404
        ? "this registry does not carry the package: set NPM_CONFIG_REGISTRY to one that does"
        : "check the address in NPM_CONFIG_REGISTRY; one that wants a sign-in is no use here";
    },
  };
}

function checkIntegrity(tarball: Uint8Array, url: URL, integrity: string): void {
  if (`sha512-${createHash("sha512").update(tarball).digest("base64")}` === integrity) return;
  throw new KmError("not_trusted", `Cannot use ${shownAddress(url)}: its SHA-512 is not the pinned one`, {
    hint: "nothing was installed; try again, and if it stays so, do not use this registry",
  });
}

function unpack(tarball: Uint8Array, url: URL, target: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const name = target.includes("windows") ? "package/deno.exe" : "package/deno";
  const archive = new Blob([new Uint8Array(tarball)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return ReadableStream.from(async function* () {
    try {
      yield* readTarEntry(archive, name);
    } catch (error) {
      throw new KmError("not_trusted", `Cannot unpack ${shownAddress(url)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }());
}
