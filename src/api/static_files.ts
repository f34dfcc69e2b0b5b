/** The dashboard's files: a closed list, each read and compressed once. Nothing of a request's path ever reaches the file system. @module */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

interface StaticFile {
  readonly file: string;
  readonly type: string;
}

const FILES: ReadonlyMap<string, StaticFile> = new Map([
  ["/assets/app.js", { file: "app.js", type: "text/javascript; charset=utf-8" }],
  ["/assets/app.css", { file: "app.css", type: "text/css; charset=utf-8" }],
  ["/assets/terminal.js", { file: "terminal.js", type: "text/javascript; charset=utf-8" }],
  ["/assets/terminal.css", { file: "terminal.css", type: "text/css; charset=utf-8" }],
  ["/assets/icon.svg", { file: "icon.svg", type: "image/svg+xml" }],
]);
const PAGE: StaticFile = { file: "index.html", type: "text/html; charset=utf-8" };
/** Paths of the dashboard's pages; the page itself decides what it shows. */
const PAGES =
  /^\/(?:|live|inspect(?:\/[0-9a-f-]{1,36})?|sessions(?:\/[1-9]\d{0,9})?|servers|tools|settings|docs)$/;

/** What is sent for one file. */
interface Loaded {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

const loaded = new Map<string, Promise<Loaded>>();

/**
 * The answer for the file or page at `path`. Where there is none: for a browser that goes there the dashboard with status 404, which says so
 * and leads back; null for everybody else and for paths of the API.
 */
export async function staticFile(path: string, request?: Headers): Promise<Response | null> {
  const found = FILES.get(path) ?? (PAGES.test(path) ? PAGE : undefined);
  if (found === undefined) return isBrowserPage(path, request) ? await notFoundPage() : null;
  const { plain, gzipped, etag } = await load(found.file);
  const headers = {
    "Content-Type": found.type,
    // Asked again each time, answered with 304: a new km is seen at once, and an old page never meets a new API.
    "Cache-Control": "no-cache",
    "ETag": etag,
    "Vary": "Accept-Encoding",
  };
  if (names(request?.get("If-None-Match"), etag)) return new Response(null, { status: 304, headers });
  if (!takesGzip(request?.get("Accept-Encoding"))) return new Response(plain, { headers });
  return new Response(gzipped, { headers: { ...headers, "Content-Encoding": "gzip" } });
}

function isBrowserPage(path: string, request?: Headers): boolean {
  if (/^\/(?:api|assets)(?:\/|$)/.test(path)) return false;
  return (request?.get("Accept") ?? "").split(",").some((one) => /^\s*text\/html\s*(?:;|$)/i.test(one));
}

async function notFoundPage(): Promise<Response> {
  const { plain } = await load(PAGE.file);
  const headers = { "Content-Type": PAGE.type, "Cache-Control": "no-store", "Vary": "Accept" };
  return new Response(plain, { status: 404, headers });
}

function load(file: string): Promise<Loaded> {
  const before = loaded.get(file);
  if (before) return before;
  const loading = readAndCompress(file);
  loaded.set(file, loading);
  // A file that could not be read is read again by the next request.
  loading.catch(() => loaded.delete(file));
  return loading;
}

async function readAndCompress(file: string): Promise<Loaded> {
  const plain = await Deno.readFile(new URL(`./static/${file}`, import.meta.url));
  const gzipped = new Uint8Array(await promisify(gzip)(plain, { level: 9 }));
  // Weak: the same for both encodings.
  const etag = `W/"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { plain, gzipped, etag };
}

function names(ifNoneMatch: string | null | undefined, etag: string): boolean {
  return (ifNoneMatch ?? "").split(",").some((one) => one.trim() === etag || one.trim() === "*");
}

/** True when `Accept-Encoding` names gzip and does not refuse it. */
function takesGzip(accepts: string | null | undefined): boolean {
  return (accepts ?? "").split(",").some((one) =>
    /^\s*(?:gzip|\*)\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/i.test(one)
  );
}
