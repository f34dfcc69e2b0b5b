/**
 * What a request must pass before it is routed, so that no page of another origin and no name that points here can reach km:
 * the Host that we have (DNS rebinding), the Origin that we are (CSRF, foreign WebSockets), a body that says it is JSON.
 *
 * All texts are compared whole with a list made at the start. Nothing is parsed that could be parsed differently elsewhere.
 * @module
 */
import { urlHost } from "../core/url_host.ts";
import { ApiError } from "./errors.ts";

export interface GuardOptions {
  /** The address that is listened on. */
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** Names besides loopback: `km.example`, `km.example:8443`, or `https://km.example` where a proxy adds TLS. */
  readonly allowHosts?: readonly string[];
}

/** WebSockets whose first message authenticates: nothing that a browser sends by itself counts there. */
const SELF_AUTHENTICATING = /^\/api\/(?:ws|sessions\/[^/]+\/ws)$/;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE"]);
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
const BODY_TYPES: ReadonlySet<string> = new Set(["application/json", "application/x-ndjson"]);
/** Names that programs give to secrets in a query. */
const SECRET_NAMES =
  /^(?:(?:access|auth|refresh|id|api)?[-_]?(?:token|key)|jwt|code|secret|password|authorization|auth)$/i;
const SECRET_VALUE = /^(?:km_[0-9a-f]{12}_|eyJ[\w-]+\.eyJ)/;

export class Guard {
  readonly #secure: boolean;
  readonly #scheme: string;
  /** An address that this daemon is reached by, for who came by another. */
  readonly #home: string;
  /** `Host` as it may be sent → the one Origin of pages that come from there. */
  readonly #origins: ReadonlyMap<string, string>;

  constructor({ hostname, port, secure, allowHosts = [] }: GuardOptions) {
    this.#secure = secure;
    this.#scheme = secure ? "https" : "http";
    this.#home = originText(this.#scheme, `${urlHost(hostname)}:${port}`);
    const bound = WILDCARDS.has(hostname) ? [] : [urlHost(hostname)];
    const defaultPort = secure ? 443 : 80;
    const origins = [...LOOPBACK_NAMES, ...bound].flatMap((name) =>
      this.#entries(port === defaultPort ? [name, `${name}:${port}`] : [`${name}:${port}`])
    );
    this.#origins = new Map([...origins, ...allowHosts.flatMap((host) => this.#allowed(host, port))]);
  }

  /** @throws {ApiError} 421 host, 405 method, 400 secret in the query, 403 origin, 415 type of the body */
  check(request: Request): void {
    const origin = this.#originOf(request);
    if (!METHODS.has(request.method)) throw badMethod();
    refuseSecretInQuery(request.url);
    checkOrigin(request, origin);
    if (!SAFE_METHODS.has(request.method)) checkBodyType(request);
  }

  /** True when whoever asked by this name may be told to use TLS only: not for localhost, whose other ports are others' servers. */
  wantsHsts(request: Request): boolean {
    return this.#secure && !LOOPBACK_NAMES.some((name) => authorityOf(request.url)?.startsWith(name));
  }

  /** The Origin of pages that were loaded by the name that this request was sent to. */
  #originOf(request: Request): string {
    const host = request.headers.get("Host")?.toLowerCase();
    // A request line may name another host than the header (absolute form), and in HTTP/2 alone names it. Without TLS there is
    // no HTTP/2 of browsers, and a request without Host is nobody's.
    const authority = authorityOf(request.url);
    const origin = this.#origins.get(authority ?? "");
    const agree = host === undefined ? this.#secure : host === authority;
    if (!agree || origin === undefined || !request.url.startsWith(`${this.#scheme}://`)) {
      throw badHost(this.#home);
    }
    return origin;
  }

  #allowed(entry: string, port: number): [string, string][] {
    const host = entry.toLowerCase();
    if (WILDCARDS.has(host)) return [];
    if (LOOPBACK_NAMES.includes(host)) return this.#entries([`${host}:${port}`]);
    const [, scheme, name = ""] = /^(https?):\/\/([^/]+)\/?$/.exec(host) ?? [];
    if (scheme !== undefined) return [[name, `${scheme}://${name}`]];
    return this.#entries(/:\d+$/.test(host) ? [host] : [host, `${host}:${port}`]);
  }

  #entries(hosts: readonly string[]): [string, string][] {
    return hosts.map((host) => [host, originText(this.#scheme, host)]);
  }
}

/** An Origin never names the port that its scheme has anyway. */
function originText(scheme: string, host: string): string {
  return `${scheme}://${host.replace(scheme === "https" ? /:443$/ : /:80$/, "")}`;
}

/** What stands between `//` and the path, as it was sent, in lower case. */
function authorityOf(url: string): string | undefined {
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1]?.toLowerCase();
}

/** True for a request that opens a WebSocket of sessions. */
export function isSessionSocket(
  { url, headers, method }: Pick<Request, "url" | "headers" | "method">,
): boolean {
  return method === "GET" && headers.has("Upgrade") && SELF_AUTHENTICATING.test(new URL(url).pathname);
}

function checkOrigin({ url, headers, method }: Request, expected: string): void {
  const origin = headers.get("Origin");
  const site = headers.get("Sec-Fetch-Site");
  if (origin !== null && origin !== expected) throw foreign();
  // A link to a page of ours may be followed from anywhere; nothing of ours may be loaded into a foreign page, where at least
  // the time that it takes could be measured. Another port of this host is "same-site".
  const isSafe = SAFE_METHODS.has(method) && !headers.has("Upgrade");
  const isLink = isSafe && headers.get("Sec-Fetch-Mode") === "navigate";
  if (!isLink && (site === "cross-site" || site === "same-site")) throw foreign();
  if (isSafe || isSessionSocket({ url, headers, method })) return;
  if (origin === null && !/^Bearer /i.test(headers.get("Authorization") ?? "")) {
    throw new ApiError(
      403,
      "no_origin",
      "A request that changes something or opens a socket must say where it comes from",
      {
        hint: 'programs send "Authorization: Bearer <token>"; browsers send their Origin by themselves',
      },
    );
  }
}

function checkBodyType({ headers }: Request): void {
  // Without either there is no body in HTTP/1.1; Deno gives an empty stream all the same.
  const hasBody = (headers.get("Content-Length") ?? "0") !== "0" || headers.has("Transfer-Encoding");
  const type = headers.get("Content-Type");
  if (!hasBody && type === null) return;
  if (BODY_TYPES.has(type?.split(";")[0]?.trim().toLowerCase() ?? "")) return;
  throw new ApiError(415, "unsupported_type", "The body does not say that it is JSON", {
    hint: 'send "Content-Type: application/json", or application/x-ndjson for one event a line',
  });
}

/** URLs stand in histories and logs. The answer does not repeat it. */
function refuseSecretInQuery(url: string): void {
  const start = url.indexOf("?");
  if (start < 0) return;
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if (!SECRET_NAMES.test(name) && !SECRET_VALUE.test(value)) continue;
    throw new ApiError(
      400,
      "secret_in_url",
      "Credentials do not belong into a URL, where logs and histories keep them",
      {
        hint: 'send them as "Authorization: Bearer <token>"; if this one was real, replace it',
      },
    );
  }
}

function badHost(home: string): ApiError {
  return new ApiError(421, "unknown_host", "km does not serve the name that this request was sent to", {
    hint: `use ${home}; for other names start it with "km serve --allow-host <name>"`,
  });
}

function badMethod(): ApiError {
  return new ApiError(405, "bad_method", "km does not know this method", {
    headers: { "Allow": [...METHODS].join(", ") },
  });
}

function foreign(): ApiError {
  return new ApiError(403, "foreign_origin", "km takes no requests from pages of other origins", {
    hint: "open the dashboard by the address that km itself prints",
  });
}
