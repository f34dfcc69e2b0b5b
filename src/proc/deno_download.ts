/** Fetches Deno's executable for plugins from an npm registry: the pinned package's tarball, believed by its hash alone. @module */
import { createHash } from "node:crypto";
import { KmError } from "../core/error.ts";
import { type DenoCopy, installCopy } from "./deno_copy.ts";
import type { DenoPin } from "./deno_pins.ts";
import { readTarEntry } from "./tar_entry.ts";

/** What the tarball takes about, in bytes: what a user is asked about. Source: 41.6 MB for linux-x64-glibc 2.9.6. */
export const DOWNLOAD_BYTES = 42e6;
/** No tarball is larger, in bytes; it is kept in memory until its hash is known. */
const MAX_TARBALL_BYTES = 160e6;
/** A registry that sends nothing for so long is given up, in ms. */
const STALL_MS = 30_000;

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
  /** For tests; default 30 s. */
  readonly stallMs?: number;
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
    const tarball = await fetchTarball(url, download);
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

async function fetchTarball(url: URL, download: DenoDownload): Promise<Uint8Array> {
  using stall = new StallTimer(download.stallMs ?? STALL_MS);
  const signal = AbortSignal.any([stall.signal, ...download.signal ? [download.signal] : []]);
  try {
    const response = await fetch(url, { signal });
    stall.restart();
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw failed(url, `the registry answers ${response.status}`, hintFor(response.status));
    }
    return await collect(response, url, (received, total) => {
      stall.restart();
      download.onProgress?.(received, total);
    });
  } catch (error) {
    if (error instanceof KmError || download.signal?.aborted) throw error;
    if (stall.signal.aborted) throw failed(url, `nothing came for ${stall.ms / 1000} s`, "try again later");
    throw failed(url, reasonOf(error), "check the network; behind a proxy, set HTTPS_PROXY", error);
  }
}

async function collect(
  { body, headers }: Response,
  url: URL,
  onChunk: (receivedBytes: number, totalBytes: number | null) => void,
): Promise<Uint8Array> {
  const said = Number(headers.get("content-length") ?? Number.NaN);
  // A length counts the bytes on the wire, which are others where they are compressed.
  const total = headers.has("content-encoding") || !Number.isSafeInteger(said) ? null : said;
  const tooLarge = () =>
    failed(url, `it is larger than ${MAX_TARBALL_BYTES / 1e6} MB`, "use another registry");
  if (total !== null && total > MAX_TARBALL_BYTES) {
    await body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of body ?? []) {
    received += chunk.length;
    if (received > MAX_TARBALL_BYTES) throw tooLarge();
    chunks.push(chunk);
    onChunk(received, total);
  }
  if (total !== null && received < total) {
    throw failed(url, `the connection ended after ${received} of ${total} bytes`, "try again");
  }
  return Buffer.concat(chunks, received);
}

function checkIntegrity(tarball: Uint8Array, url: URL, integrity: string): void {
  if (`sha512-${createHash("sha512").update(tarball).digest("base64")}` === integrity) return;
  throw new KmError("not_trusted", `Cannot use ${shown(url)}: its SHA-512 is not the pinned one`, {
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
      throw new KmError("not_trusted", `Cannot unpack ${shown(url)}: ${reasonOf(error)}`, { cause: error });
    }
  }());
}

/** Aborts when it was not restarted for `ms`. */
class StallTimer {
  readonly #controller = new AbortController();
  readonly ms: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number) {
    this.ms = ms;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#controller.abort(), this.ms);
  }
}

function hintFor(status: number): string {
  return status === 404
    ? "this registry does not carry the package: set NPM_CONFIG_REGISTRY to one that does"
    : "check the address in NPM_CONFIG_REGISTRY; one that wants a sign-in is no use here";
}

function failed(url: URL, state: string, hint: string, cause?: unknown): KmError {
  return new KmError("download_failed", `Cannot download ${shown(url)}: ${state}`, { hint, cause });
}

/** An address may hold a password. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** The innermost reason: `fetch` wraps it, with the whole address in its own words. */
function reasonOf(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error ? at.message : String(at);
}
