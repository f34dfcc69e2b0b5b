/** Fetching what belongs to a release: by https, and a file is one only with the size and the hash that its manifest says. @module */
import { createHash } from "node:crypto";
import { isDiskFull } from "../core/disk_full.ts";
import { KmError } from "../core/error.ts";
import { type Fetching, fetchPieces, fetchWhole, type Piece } from "../proc/fetch_pieces.ts";
import type { ReleaseFile } from "./manifest.ts";

/** How something is fetched. */
export interface Transfer {
  /** All that the server is told: no identity, no system, no cookie. */
  readonly userAgent: string;
  /** As in `Fetching`; default 30 s. */
  readonly limitMs?: number;
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
    `Cannot download "${name}": the manifest names "${url}", which is no https address`,
  );
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" ||
    (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

/** Fetches a small file whole, within one time limit. @throws {KmError} download_failed */
export async function fetchBytes(
  address: string,
  maxBytes: number,
  transfer: Transfer,
): Promise<Uint8Array<ArrayBuffer>> {
  return await fetchWhole(new URL(address), { ...fetchingBy(transfer), maxBytes, leastBytes: Infinity });
}

function fetchingBy(transfer: Transfer): Fetching {
  return {
    ...transfer,
    mayAsk: isSafe,
    hintFor: () =>
      "nothing was changed; check the network (HTTPS_PROXY, DENO_CERT) and KM_BASE_URL, then try again",
  };
}

const WRONG_FILE =
  "the file on the server is not the one that was released: try again later, and tell the project";

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
    const pieces = fetchPieces(new URL(address), fetchingBy(transfer));
    const { bytes, sha256 } = await writePieces(path, onlySo(expected, pieces), onProgress);
    if (bytes < expected.bytes) {
      throw new KmError(
        "download_failed",
        `Cannot download "${expected.name}": the server sent ${bytes} of its ${expected.bytes} bytes`,
        { hint: "nothing was changed; try again later" },
      );
    }
    if (sha256 === expected.sha256) return;
    throw new KmError(
      "not_trusted",
      `Cannot believe "${expected.name}": its SHA-256 is ${sha256}, the manifest says ${expected.sha256}`,
      { hint: WRONG_FILE },
    );
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

async function* onlySo(
  { bytes: mostBytes, name }: ReleaseFile,
  pieces: AsyncIterable<Piece>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { bytes, receivedBytes } of pieces) {
    if (receivedBytes > mostBytes) {
      throw new KmError(
        "not_trusted",
        `Cannot believe "${name}": the server has more than the ${mostBytes} bytes that the manifest says`,
        { hint: WRONG_FILE },
      );
    }
    yield bytes;
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
    const full = isDiskFull(error);
    const reason = full ? "no space left on device" : error instanceof Error ? error.message : String(error);
    throw new KmError("update_failed", `Cannot write "${path}": ${reason}`, {
      ...(full &&
        { hint: "free some space: the new km needs about 150 MB beside the old one while it is proven" }),
      cause: error,
    });
  }
}
