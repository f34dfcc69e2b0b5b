/** Fetching what belongs to a release: with limits of size and of silence, and errors that say what happened. @module */
import { createHash } from "node:crypto";
import { KmError } from "../core/error.ts";
import { formatBytes } from "../core/quantity.ts";
import type { ReleaseFile } from "./manifest.ts";

/** A server that sends nothing for so long is given up, in ms. */
const SILENCE_MS = 30_000;

/** How something is fetched. */
export interface Transfer {
  /** All that the server is told: no identity, no system, no cookie. */
  readonly userAgent: string;
  readonly silenceMs?: number;
  /** Stops it, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Checks the address of a release's folder; returns it without a slash at its end. @throws {KmError} usage */
export function releaseAddress(text: string): string {
  const url = URL.parse(text);
  if (url !== null && isSafe(url) && url.search === "" && url.hash === "") {
    return url.href.replace(/\/+$/, "");
  }
  throw new KmError("usage", `Cannot update from "${text}": it is no https address`, {
    hint: "KM_BASE_URL is the folder that holds stable.json, by https; http only on this machine",
  });
}

/** The address of a file that a manifest names. @throws {KmError} not_trusted when it leaves https */
export function fileAddress({ url, name }: ReleaseFile, base: string): string {
  const address = URL.parse(url, `${base}/`);
  if (address !== null && (isSafe(address) && (address.protocol === "https:" || base.startsWith("http:")))) {
    return address.href;
  }
  throw new KmError(
    "not_trusted",
    `Cannot fetch "${name}": the manifest names "${url}", which is no https address`,
  );
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" ||
    (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

/** Fetches a small file whole. @throws {KmError} download_failed */
export async function fetchBytes(
  address: string,
  maxBytes: number,
  transfer: Transfer,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const piece of fetchPieces(address, transfer)) {
    sizeBytes += piece.length;
    if (sizeBytes > maxBytes) throw failed(address, `it is larger than ${formatBytes(maxBytes)}`);
    pieces.push(piece);
  }
  return await new Blob(pieces).bytes() as Uint8Array<ArrayBuffer>; // A Blob's bytes are its own.
}

/** Where a file of a release goes. */
export interface Destination {
  /** Must not exist; removed when anything fails. */
  readonly path: string;
  /** Told after each piece. */
  readonly onProgress?: (bytes: number) => void;
}

/** Fetches a file of a release and proves size and hash. @throws {KmError} download_failed, not_trusted, update_failed */
export async function fetchFile(
  address: string,
  expected: ReleaseFile,
  { path, onProgress }: Destination,
  transfer: Transfer,
): Promise<void> {
  try {
    const { bytes, sha256 } = await writePieces(
      path,
      onlySo(expected, address, fetchPieces(address, transfer)),
      onProgress,
    );
    if (bytes < expected.bytes) {
      throw failed(address, `the connection ended after ${bytes} of ${expected.bytes} bytes`);
    }
    if (sha256 === expected.sha256) return;
    throw new KmError(
      "not_trusted",
      `Cannot believe "${expected.name}": its SHA-256 is ${sha256}, the manifest says ${expected.sha256}`,
      {
        hint:
          "the file on the server is not the one that was released: try again later, and tell the project",
      },
    );
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

async function* onlySo(
  { bytes, name }: ReleaseFile,
  address: string,
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let left = bytes;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) {
      throw new KmError(
        "not_trusted",
        `Cannot believe "${name}": ${address} has more than the ${bytes} bytes that the manifest says`,
      );
    }
    yield piece;
  }
}

async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  onProgress: (bytes: number) => void = () => {},
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  using file = await onDisk(path, () => Deno.open(path, { createNew: true, write: true, mode: 0o600 }));
  for await (const piece of pieces) {
    hash.update(piece);
    for (let at = 0; at < piece.length;) at += await onDisk(path, () => file.write(piece.subarray(at)));
    bytes += piece.length;
    onProgress(bytes);
  }
  // A power cut after the switch must not leave an empty km.
  await onDisk(path, () => file.sync());
  return { bytes, sha256: hash.digest("hex") };
}

/** @throws {KmError} update_failed for what the disk refuses */
async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    const full = code === "ENOSPC" || code === "EDQUOT";
    const reason = full ? "no space left on device" : error instanceof Error ? error.message : String(error);
    throw new KmError("update_failed", `Cannot write "${path}": ${reason}`, {
      ...(full && { hint: "free some space: the new km needs about 50 MB beside the old one" }),
      cause: error,
    });
  }
}

/** The body of `address` as it comes. @throws {KmError} download_failed; the reason of the signal */
async function* fetchPieces(
  address: string,
  { userAgent, silenceMs = SILENCE_MS, signal }: Transfer,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  };
  listen();
  const stop = signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]);
  try {
    const response = await fetch(address, { headers: { "user-agent": userAgent }, signal: stop });
    if (!response.ok || !isSafe(new URL(response.url))) {
      await response.body?.cancel();
      throw failed(
        address,
        response.ok ? `it leads to ${response.url}, which is no https address` : statusText(response.status),
      );
    }
    for await (const piece of response.body ?? []) {
      listen();
      yield piece;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof KmError) throw error;
    throw failed(address, reasonOf(silence.signal.aborted ? silence.signal.reason : error), error);
  } finally {
    clearTimeout(timer);
  }
}

function statusText(status: number): string {
  return status === 404 ? "there is no such file (404)" : `the server answers with status ${status}`;
}

/** `fetch failed` says nothing: the reason is that of its cause, behind the address that we name ourselves. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.cause instanceof Error ? error.cause.message : error.message;
  return text.replace(/^error sending request for url \(\S*\): /, "").replace(/^client error \(\w+\): /, "");
}

function failed(address: string, reason: string, cause?: unknown): KmError {
  return new KmError("download_failed", `Cannot fetch "${withoutPassword(address)}": ${reason}`, {
    hint: "nothing was changed; check the network (HTTPS_PROXY, DENO_CERT) and KM_BASE_URL, then try again",
    ...(cause !== undefined && { cause }),
  });
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  return url.href;
}
