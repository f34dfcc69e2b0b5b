/** km serve: whether it runs, by which version, who can read its secrets, and which ports it may have. @module */
import { readToken } from "../../auth/secret_token.ts";
import { readPrivateFile } from "../../auth/private_file.ts";
import type { Paths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { type DaemonRecord, findDaemon } from "../../daemon/daemon_file.ts";
import { howToAllow } from "../../daemon/low_port.ts";
import { isOfThisHost } from "../../store/process_mark.ts";
import { VERSION } from "../commands/version.ts";
import { type Check, fail, ok, warn } from "./check.ts";

const LOOPBACK = "127.0.0.1";
/** The port that km serve also takes where it may. */
const LOW_PORT = 42;

/** Runs all checks of this file. */
export function daemonChecks(paths: Paths): Check[] {
  const daemon = findDaemon(paths.daemon);
  return [
    daemon === null ? restingCheck(paths.daemon) : runningCheck(daemon),
    lowPortCheck(daemon),
    secretCheck("daemon.token", paths.token, readToken),
    secretCheck("daemon.keys", paths.keys, readPrivateFile),
  ];
}

/** No daemon need run: monitors record without one. */
function restingCheck(path: string): Check {
  return isThere(path)
    ? warn(
      "daemon",
      `not running; ${path} was left behind by one that was killed`,
      "km serve --detach starts another, which replaces it",
    )
    : ok("daemon", "not running; km serve starts it");
}

function runningCheck({ version, urls, pid, process }: DaemonRecord): Check {
  if (!isOfThisHost(process)) {
    return warn(
      "daemon",
      `by its file, km ${version} serves this home on another host (${printable(process.host)})`,
      "km status asks it; where it has ended, km serve starts another, which replaces it",
    );
  }
  const detail = `km ${version} serves ${urls.join(" and ")}, pid ${pid}`;
  return version === VERSION
    ? ok("daemon", detail)
    : warn("daemon", `${detail}; this is km ${VERSION}`, "restart it: km stop && km serve --detach");
}

/** Nice to have: no system need allow it. */
function lowPortCheck(daemon: DaemonRecord | null): Check {
  const name = "daemon.port-42";
  if (daemon?.ports.includes(LOW_PORT)) return ok(name, "served");
  try {
    Deno.listen({ hostname: LOOPBACK, port: LOW_PORT }).close();
    return ok(name, "allowed");
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return ok(name, "another program has it");
    return error instanceof Deno.errors.PermissionDenied
      ? ok(name, `the system keeps ports below 1024; ${howToAllow(LOW_PORT, LOOPBACK)}`)
      : ok(name, `cannot be served: ${(error as Error).message}`);
  }
}

/** `read` is how the daemon reads it: what it does not trust, nobody can sign in by. */
function secretCheck(name: string, path: string, read: (path: string) => string | null): Check {
  try {
    return ok(name, read(path) === null ? "none yet" : `only you can read ${path}`);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return fail(name, error.message, error.hint ?? `look at it: ls -l "${path}"`);
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
