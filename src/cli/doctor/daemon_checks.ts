/** km serve: whether it runs, by which version, who can read its secrets, and which ports it may have. @module */
import { readToken, replaceToken } from "../../auth/secret_token.ts";
import { readPrivateFile } from "../../proc/private_file.ts";
import type { Paths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { type DaemonRecord, findDaemon } from "../../daemon/daemon_file.ts";
import { HomeLock } from "../../daemon/home_lock.ts";
import { howToAllow } from "../../daemon/low_port.ts";
import { isOfThisHost } from "../../store/process_mark.ts";
import { VERSION } from "../commands/version.ts";
import { type Check, fail, ok, type Repair, warn } from "./check.ts";
import { closing, isThere, modeOf, writableByOthers } from "./file_modes.ts";

const LOOPBACK = "127.0.0.1";
/** The port that km serve also takes where it may. */
const LOW_PORT = 42;

/** Runs all checks of this file. */
export function daemonChecks(paths: Paths): Check[] {
  const daemon = findDaemon(paths.daemon);
  return [
    daemon === null ? restingCheck(paths) : runningCheck(daemon),
    lowPortCheck(daemon),
    secretCheck("daemon.token", paths.token, readToken, newToken),
    secretCheck("daemon.keys", paths.keys, readPrivateFile, closingKeys),
  ];
}

/** No daemon need run: monitors record without one. */
function restingCheck({ daemon: path, lock }: Paths): Check {
  return isThere(path)
    ? warn(
      "daemon",
      `not running; ${path} was left behind by one that was killed`,
      "km serve --detach starts another, which replaces it",
      forgetting(path, lock),
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

/** While no other daemon comes up: who has the home's lock may say that none serves it. */
function forgetting(path: string, lockPath: string): Repair {
  return {
    does: `remove ${path}`,
    run() {
      using lock = HomeLock.take(lockPath);
      if (lock === null || findDaemon(path) !== null) {
        return "nothing: a daemon has come up, which replaced it";
      }
      Deno.removeSync(path);
      return `removed ${path}`;
    },
  };
}

/** `read` is how the daemon reads it: what it does not trust, nobody can sign in by. */
function secretCheck(
  name: string,
  path: string,
  read: (path: string) => string | null,
  repair: (path: string) => Repair | null,
): Check {
  try {
    return ok(name, read(path) === null ? "none yet" : `only you can read ${path}`);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    const hint = error.hint ?? `look at it: ls -l "${path}"`;
    return fail(name, error.message, hint, isOwnFile(path) ? repair(path) : null);
  }
}

/** Closing it would not help: who has read the secret knows it. */
function newToken(path: string): Repair {
  return {
    does: `put a new secret into ${path}; browsers and programs that use the old one have to sign in again`,
    onlyAsked: true,
    run() {
      replaceToken(path);
      return `put a new secret into ${path}; "km open" signs a browser in again`;
    },
  };
}

/** Keys are kept as hashes, so that reading them gives nobody a key; who could write the file may have added one. */
function closingKeys(path: string): Repair | null {
  return writableByOthers(modeOf(path)) ? null : closing([path]);
}

function isOwnFile(path: string): boolean {
  try {
    const { isFile, uid } = Deno.lstatSync(path);
    return isFile && (Deno.build.os === "windows" || uid === Deno.uid());
  } catch {
    return false;
  }
}
