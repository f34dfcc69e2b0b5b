/**
 * The environment that km was started with. Deno changes it, and so does the portable file's header, which is a shell script and must
 * set variables for Deno: all of that is undone before anything reads the environment, because the server gets it as km got it.
 * @module
 */

/**
 * Variables that the header takes away from Deno or sets itself: those that change what Deno does behind km's back. Source: `deno
 * --help` and the strings of Deno 2.9.6. Certificates and proxies (DENO_CERT, DENO_TLS_CA_STORE, NODE_EXTRA_CA_CERTS, HTTPS_PROXY …)
 * are the user's word and stay.
 */
export const CHANGED_VARIABLES: readonly string[] = [
  // Set by the header.
  "DENO_DIR",
  "DENO_DISABLE_NODE_SHIM",
  "DENO_NO_PACKAGE_JSON",
  "DENO_NO_UPDATE_CHECK",
  // Would decide what runs, where and how.
  "DENO_AUTO_SERVE",
  "DENO_CACHE_DB_MODE",
  "DENO_COMPAT",
  "DENO_CONDITIONS",
  "DENO_EMIT_CACHE_MODE",
  "DENO_PERMISSION_BROKER_PATH",
  "DENO_SERVE_ADDRESS",
  "DENO_SERVE_AUTOMATIC_COMPRESSION",
  "DENO_TRUST_PROXY_HEADERS",
  "DENO_UNSTABLE_CONTROL_SOCK",
  "DENO_UNSTABLE_CRON_SOCK",
  "DENO_USR2_MEMORY_TRIM",
  "DENO_V8_FLAGS",
  "NODE_CHANNEL_FD",
  "NODE_OPTIONS",
  // Would write files, print, or send elsewhere what km does.
  "DENO_AUDIT_PERMISSIONS",
  "DENO_COVERAGE_DIR",
  "DENO_LOG",
  "DENO_TRACE_PERMISSIONS",
  "NODE_DEBUG",
  "NODE_V8_COVERAGE",
  "OTEL_DENO",
  "RUST_LOG",
];

const PREFIX = "KM_LAUNCH_";

/** Restores the environment. Called by the portable file's entry, before anything else. Never throws. */
export function restoreLaunchEnvironment(): void {
  const carried = get(`${PREFIX}ENV`) ?? "";
  if (carried.startsWith("all:")) restoreAll(Uint8Array.fromBase64(carried.slice(4)));
  else if (carried.startsWith("some:")) restoreSome();
}

/**
 * Where no `node` is on PATH, Deno puts a folder in front of PATH in which `node` is Deno itself: a server that needs Node.js would run
 * in something else, or start where it starts nowhere else. Called by every km before anything else; the portable file's header has
 * forbidden it already. Never throws. @see https://github.com/denoland/deno/pull/34969
 */
export function undoNodeShim(): void {
  if (get(SHIM_MARK) !== "1") return;
  const [path, mark] = startedWith("PATH", SHIM_MARK) ?? withoutShim(get("PATH"));
  for (const [name, value] of [["PATH", path], [SHIM_MARK, mark]] as const) {
    if (value === undefined) Deno.env.delete(name);
    else if (value !== get(name)) set(name, value);
  }
}

/**
 * Forgets what would move or change a server of Deno's behind km's back: `DENO_SERVE_ADDRESS=tcp:0.0.0.0:1` opens to the network what
 * was to listen on loopback (Deno 2.9.6). Called by the daemon, which has no server of the user's to hand it to.
 */
export function forgetServeVariables(): void {
  for (const name of ["DENO_SERVE_ADDRESS", "DENO_SERVE_AUTOMATIC_COMPRESSION", "DENO_TRUST_PROXY_HEADERS"]) {
    Deno.env.delete(name);
  }
}

const SHIM_MARK = "DENO_NODE_SHIM_ACTIVE";

/** Values of variables as the kernel handed them to this process; null where it does not tell. */
function startedWith(...names: string[]): (string | undefined)[] | null {
  try {
    const entries = Deno.readTextFileSync("/proc/self/environ").split("\0");
    return names.map((name) => entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1));
  } catch {
    return null;
  }
}

/** PATH and the mark as they were, when it was this Deno that changed them. */
function withoutShim(path: string = ""): (string | undefined)[] {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const [first = "", ...rest] = path.split(separator);
  if (!/[\\/]node_compat_bin$/.test(first)) return [path, "1"];
  return [rest.length === 0 ? undefined : rest.join(separator), undefined];
}

/** `block`: entries of `NAME=value`, each closed by a NUL byte, as the kernel keeps them. */
function restoreAll(block: Uint8Array): void {
  const names = new Set<string>();
  for (let from = 0, to = 0; from < block.length; from = to + 1) {
    to = block.indexOf(0, from);
    if (to < 0) to = block.length;
    const entry = decode(block.subarray(from, to));
    // What is no UTF-8 the shell has passed on as it was; Deno could not set it.
    if (entry === null) continue;
    const equals = entry.indexOf("=", 1);
    if (equals < 0) continue;
    const name = entry.slice(0, equals);
    const value = entry.slice(equals + 1);
    names.add(name);
    if (get(name) !== value) set(name, value);
  }
  for (const name of Object.keys(Deno.env.toObject())) {
    if (!names.has(name)) Deno.env.delete(name);
  }
}

/** Where there is no /proc: `KM_LAUNCH_<name>` holds `=value`, or nothing when there was no such variable. */
function restoreSome(): void {
  for (const name of [...CHANGED_VARIABLES, "_"]) {
    const before = get(PREFIX + name);
    if (before?.startsWith("=")) set(name, before.slice(1));
    else Deno.env.delete(name);
    Deno.env.delete(PREFIX + name);
  }
  // A shell that found none counts from 0.
  if (get("SHLVL") === "0") Deno.env.delete("SHLVL");
  Deno.env.delete(`${PREFIX}ENV`);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Undefined for what is not there, and for what is no UTF-8. */
function get(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

/** A name that Deno cannot take stays away. */
function set(name: string, value: string): void {
  try {
    Deno.env.set(name, value);
  } catch {
    // Such as one that is empty.
  }
}
