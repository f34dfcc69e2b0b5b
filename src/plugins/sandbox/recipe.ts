/**
 * The command line and the environment that make Deno a sandbox. Each flag is there because something got out without it; the hostile suite
 * (`../hostile`) shows that nothing does with them.
 * @module
 */
import { join } from "node:path";
import { KmError } from "../../core/error.ts";
import { deniedNetworks } from "./denied_networks.ts";
import type { PermissionsInForce } from "./permissions_in_force.ts";

const WINDOWS = Deno.build.os === "windows";

/** Where Deno writes each permission that it checks: its own stderr. Windows has no such file, and no such list. */
export const AUDIT_FILE: string | null = WINDOWS ? null : "/dev/fd/2";

/** What nothing is looked for in the environment of km's own process for: these are whole. */
export interface Launched {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** What to launch: `SandboxOptions` and the bootstrap's path. */
export interface RecipeOptions {
  readonly deno: string;
  readonly bootstrap: string;
  readonly heapMiB: number;
  readonly permissions: PermissionsInForce;
  readonly env: Readonly<Record<string, string>>;
}

const FLAGS = [
  "--quiet",
  "--no-prompt",
  // Else import() reaches hosts that Deno trusts by itself, and npm: that is sending.
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--no-config",
  "--no-lock",
  "--no-code-cache",
] as const;

/** Variables that a plugin's process may have beside those it was granted: a proxy's and certificates', with a net grant. */
const NET_VARIABLES = new Set([
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
]);

/** Names that Deno, V8, the loader or the shell obey: no grant lets one in. */
const OBEYED =
  /^(DENO_|NODE_|NPM_|OTEL_|LD_|DYLD_|V8_|BASH_|ENV$|IFS$|PATH$|SHELLOPTS$|RUST_|MALLOC_|GLIBC_)/i;

/**
 * The command line and the whole environment.
 * @throws {KmError} not_granted when a permission cannot be said to Deno without saying more
 */
export function recipe(options: RecipeOptions): Launched {
  const { deno, bootstrap, heapMiB, permissions } = options;
  return {
    argv: [
      deno,
      "run",
      ...FLAGS,
      // Code from strings would be code that nobody lexed.
      `--v8-flags=--max-old-space-size=${heapMiB},--disallow-code-generation-from-strings`,
      ...permissionFlags(permissions),
      bootstrap,
    ],
    env: environmentOf(options),
  };
}

/** Never `--allow-run`, `--allow-ffi`, `--allow-sys`, `--allow-import`: there is nothing in `PermissionsInForce` that could ask for them. */
function permissionFlags({ net, read, write, env }: PermissionsInForce): string[] {
  const flags: string[] = [];
  const allow = (kind: string, values: readonly string[], check: (value: string) => boolean) => {
    // `--allow-net` without a value would be all of it.
    if (values.length === 0) return;
    for (const value of values) if (!check(value)) throw cannotSay(kind, value);
    flags.push(`--allow-${kind}=${values.join(",")}`);
  };
  allow("net", net, isHostWithPort);
  if (net.length > 0) flags.push(`--deny-net=${deniedNetworks().join(",")}`);
  allow("read", read, isFolder);
  allow("write", write, isFolder);
  allow("env", env, isVariable);
  return flags;
}

/**
 * One host and one port: no list, no wildcard, no network, no path of a socket. Of IPv6, addresses of the internet only: Deno 2.9.6 does not see that
 * `[::ffff:127.0.0.1]` is an address that it was told to deny.
 */
function isHostWithPort(value: string): boolean {
  const [, host = "", port = ""] = /^([a-z0-9.-]+|\[[23][0-9a-f]{3}:[0-9a-f:]+\]):(\d{1,5})$/i.exec(value) ??
    [];
  return host !== "" && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Absolute and below the root; a comma would make two paths of it. */
function isFolder(value: string): boolean {
  const absolute = WINDOWS ? /^[a-z]:[\\/]+[^\\/]/i.test(value) : /^\/+[^/]/.test(value);
  return absolute && !value.includes(",") && !value.includes("\0") && !/(^|[\\/])\.\.?([\\/]|$)/.test(value);
}

function isVariable(value: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !OBEYED.test(value);
}

function cannotSay(kind: string, value: string): KmError {
  return new KmError(
    "not_granted",
    `Cannot grant ${kind}=${JSON.stringify(value)}: Deno would read it otherwise`,
    {
      hint: "revoke this grant: km plugins revoke",
    },
  );
}

function environmentOf({ permissions, env }: RecipeOptions): Record<string, string> {
  const given = Object.entries(env).filter(([name]) =>
    permissions.env.includes(name) ? isVariable(name) : permissions.net.length > 0 && NET_VARIABLES.has(name)
  );
  return {
    ...Object.fromEntries(given),
    // A folder that cannot be: with one, caches and localStorage write to it without a permission.
    DENO_DIR: WINDOWS ? "\\\\.\\NUL\\km" : "/dev/null/km",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    TZ: "UTC",
    // A granted name may have an address of IPv6 that leads to this machine or its network (`::ffff:127.0.0.1`, `fd00::1`), which no flag of
    // Deno's stops: glibc is told to ask for those of IPv4 alone, which `--deny-net` covers.
    ...(permissions.net.length > 0 && Deno.build.os === "linux" ? { RES_OPTIONS: "no-aaaa" } : {}),
    ...(AUDIT_FILE === null ? {} : { DENO_AUDIT_PERMISSIONS: AUDIT_FILE }),
    // Without it, Windows starts no program that uses sockets.
    ...(WINDOWS ? { SystemRoot: join("C:\\", "Windows") } : {}),
  };
}
