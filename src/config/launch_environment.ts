/**
 * The environment that the portable file was started with. Its header, a shell script, must change variables for Deno: that is undone
 * before anything reads the environment, because the server gets it as km got it. Checkouts and compiled files have no header.
 * @module
 */
import { getVariable, setVariable } from "./node_shim.ts";

/** Those that would move or change a server of Deno's. */
const SERVE_VARIABLES = [
  "DENO_SERVE_ADDRESS",
  "DENO_SERVE_AUTOMATIC_COMPRESSION",
  "DENO_TRUST_PROXY_HEADERS",
];

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
  "DENO_DONT_USE_INTERNAL_NODE_COMPAT_STATE_FD",
  "DENO_EMIT_CACHE_MODE",
  "DENO_EXTRA_STDIO_FDS",
  "DENO_PERMISSION_BROKER_PATH",
  ...SERVE_VARIABLES,
  "DENO_TOKIO_EVENT_INTERVAL",
  "DENO_TOKIO_MAX_IO_EVENTS_PER_TICK",
  "DENO_UNSTABLE_CONTROL_SOCK",
  "DENO_UNSTABLE_CRON_SOCK",
  "DENO_USR2_MEMORY_TRIM",
  "DENO_V8_FLAGS",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_CLUSTER_SCHED_POLICY",
  "NODE_OPTIONS",
  "NODE_UNIQUE_ID",
  // Would write files, print, or send elsewhere what km does.
  "DENO_AUDIT_PERMISSIONS",
  "DENO_COVERAGE_DIR",
  "DENO_LOG",
  "DENO_NODE_TRACE_EVENT_CATEGORIES",
  "DENO_TRACE_PERMISSIONS",
  "NODE_DEBUG",
  "NODE_V8_COVERAGE",
  "OTEL_DENO",
  "RUST_LOG",
];

const PREFIX = "KM_LAUNCH_";

/** Restores the environment. Called by the portable file's entry, before anything else. Never throws. */
export function restoreLaunchEnvironment(): void {
  const carried = getVariable(`${PREFIX}ENV`) ?? "";
  if (carried.startsWith("some:")) return restoreSome();
  const [, all, parts] = /^(?:all:([^]*)|parts:(\d+))$/.exec(carried) ?? [];
  try {
    if (parts !== undefined) restoreAll(Uint8Array.fromBase64(joinParts(Number(parts))));
    else if (all !== undefined) restoreAll(Uint8Array.fromBase64(all));
  } catch {
    // Not the header's work: what is there stays.
  }
}

/**
 * Forgets what would move or change a server of Deno's behind km's back: `DENO_SERVE_ADDRESS=tcp:0.0.0.0:1` opens to the network what
 * was to listen on loopback (Deno 2.9.6). Called by the daemon, which has no server of the user's to hand it to.
 */
export function forgetServeVariables(): void {
  for (const name of SERVE_VARIABLES) Deno.env.delete(name);
}

/** What is too long for one variable. */
function joinParts(count: number): string {
  return Array.from({ length: count }, (_, i) => getVariable(`${PREFIX}ENV_${i + 1}`) ?? "").join("");
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
    if (getVariable(name) !== value) restore(name, value);
  }
  for (const name of Object.keys(Deno.env.toObject())) {
    if (!names.has(name)) Deno.env.delete(name);
  }
}

/**
 * Where there is no /proc, or too much in it: `KM_LAUNCH_<name>` holds `=value`, or nothing when there was no such variable. What a shell
 * adds by itself (PWD) stays, and names that are none to it are lost.
 */
function restoreSome(): void {
  for (const name of [...CHANGED_VARIABLES, "_"]) {
    const before = getVariable(PREFIX + name);
    if (before?.startsWith("=")) restore(name, before.slice(1));
    else Deno.env.delete(name);
    Deno.env.delete(PREFIX + name);
  }
  // A shell that found none counts from 0.
  if (getVariable("SHLVL") === "0") Deno.env.delete("SHLVL");
  Deno.env.delete(`${PREFIX}ENV`);
}

/** Each thread of Deno's reads DENO_TOKIO_… at its start, and panics at what is no number (2.9.6): so would a server that reads it. */
function restore(name: string, value: string): void {
  if (!name.startsWith("DENO_TOKIO_") || /^[1-9]\d{0,8}$/.test(value)) setVariable(name, value);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
