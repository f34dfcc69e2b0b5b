/**
 * Downloads, with an end to everything: to silence, to slowness, to size, to redirects. An address is checked before it is asked, also one
 * that another leads to. For whoever then checks what came: nothing here is believed.
 * @module
 */
import { KmError } from "../core/error.ts";
import { formatBytes } from "../core/quantity.ts";

/** How long `LEAST_BYTES` may take, in ms. */
const LIMIT_MS = 30_000;
/** Whoever sends less than 4 kB/s would hold a user up for hours: 40 MB take three. */
const LEAST_BYTES = 128 * 1024;
const MAX_REDIRECTS = 10;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** How something is fetched. */
export interface Fetching {
  /** What the server is told besides what HTTP needs. */
  readonly userAgent?: string;
  /** Default: 30 s. */
  readonly limitMs?: number;
  /** So much must come within each `limitMs`; Infinity: all of it within one. Default: 128 kB. */
  readonly leastBytes?: number;
  /** Default: any. */
  readonly maxBytes?: number;
  /** Stops it, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** False for addresses that are not to be asked. A way from https to http is never gone. */
  readonly mayAsk?: (address: URL) => boolean;
  /** What to try about a failure; `status` is null where there was no answer. */
  readonly hintFor: (status: number | null) => string;
}

/** A part of an answer's body. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of all pieces so far. */
  readonly receivedBytes: number;
  /** Of the whole body; null while nobody said it. */
  readonly totalBytes: number | null;
}

/** The body of `address` as it comes. @throws {KmError} download_failed; the reason of the signal */
export async function* fetchPieces(address: URL, fetching: Fetching): AsyncGenerator<Piece> {
  const { signal, maxBytes = Infinity, hintFor } = fetching;
  signal?.throwIfAborted();
  const fail = (reason: string, cause?: unknown, status: number | null = null) =>
    new KmError("download_failed", `Cannot download "${shownAddress(address)}": ${reason}`, {
      hint: hintFor(status),
      ...(cause !== undefined && { cause }),
    });
  using pace = new Pace(fetching.limitMs ?? LIMIT_MS, fetching.leastBytes ?? LEAST_BYTES);
  try {
    const stop = signal === undefined ? pace.signal : AbortSignal.any([pace.signal, signal]);
    const response = await ask(address, fetching, stop);
    if (!response.ok) {
      await response.body?.cancel();
      throw fail(statusText(response.status), undefined, response.status);
    }
    const totalBytes = totalOf(response);
    const tooLarge = `it is larger than ${formatBytes(maxBytes)}`;
    if ((totalBytes ?? 0) > maxBytes) {
      await response.body?.cancel();
      throw fail(tooLarge);
    }
    let receivedBytes = 0;
    for await (const bytes of response.body ?? []) {
      pace.came(bytes.length);
      receivedBytes += bytes.length;
      if (receivedBytes > maxBytes) throw fail(tooLarge);
      yield { bytes, receivedBytes, totalBytes };
    }
    if (totalBytes !== null && receivedBytes < totalBytes) {
      throw fail(`the connection ended after ${receivedBytes} of ${totalBytes} bytes`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof KmError) throw error;
    throw fail(reasonOf(pace.signal.aborted ? pace.signal.reason : error), error);
  }
}

/** Fetches a file into memory. @throws {KmError} download_failed; the reason of the signal */
export async function fetchWhole(
  address: URL,
  fetching: Fetching & { readonly maxBytes: number },
  onPiece: (piece: Piece) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of fetchPieces(address, fetching)) {
    parts.push(piece.bytes);
    onPiece(piece);
  }
  return await new Blob(parts).bytes() as Uint8Array<ArrayBuffer>; // A Blob's bytes are its own.
}

/** Where an address leads, and on from there. `fetch` would ask each before anybody could look at it. */
async function ask(first: URL, { userAgent, mayAsk }: Fetching, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = userAgent === undefined ? {} : { "user-agent": userAgent };
  let address = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await fetch(address, { headers, signal, redirect: "manual" });
    const to = response.headers.get("location");
    if (to === null || !REDIRECTS.includes(response.status)) return response;
    await response.body?.cancel();
    const next = URL.parse(to, address);
    if (next === null || !/^https?:$/.test(next.protocol)) {
      throw new Error(`it leads to "${to}", which is no https address`);
    }
    const leavesHttps = address.protocol === "https:" && next.protocol !== "https:";
    if (leavesHttps || mayAsk?.(next) === false) {
      throw new Error(`it leads to ${shownAddress(next)}, which is no https address`);
    }
    address = next;
  }
  throw new Error(`it leads on and on: more than ${MAX_REDIRECTS} times`);
}

/** Aborts when `leastBytes` do not come within `limitMs`, again and again. */
class Pace {
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  readonly #leastBytes: number;
  #timer: ReturnType<typeof setTimeout>;
  #bytes = 0;

  constructor(limitMs: number, leastBytes: number) {
    this.#limitMs = limitMs;
    this.#leastBytes = leastBytes;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  came(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#leastBytes) return;
    this.#bytes = 0;
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const came = this.#bytes === 0 ? "nothing" : `no more than ${formatBytes(this.#bytes)}`;
      this.#controller.abort(new Error(`${came} came for ${this.#limitMs / 1000} s`));
    }, this.#limitMs);
  }
}

/** A length counts the bytes on the wire, which are others where they are compressed. */
function totalOf({ headers }: Response): number | null {
  const said = headers.has("content-encoding") ? null : headers.get("content-length");
  return said !== null && Number.isSafeInteger(Number(said)) ? Number(said) : null;
}

function statusText(status: number): string {
  return status === 404 ? "there is no such file (404)" : `the server answers with status ${status}`;
}

/** An address may hold a password, before its host or in its query. */
export function shownAddress({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** `fetch` wraps the reason, with the whole address in its own words. */
function reasonOf(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  const text = at instanceof Error ? at.message : String(at);
  return text.replace(/^error sending request for url \(\S*\): /, "").replace(/^client error \(\w+\): /, "");
}
