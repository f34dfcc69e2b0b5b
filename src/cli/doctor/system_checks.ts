/** What km needs of the machine: runtime, directories, disk, libc. @module */

import { statfsSync } from "node:fs";
import { environmentProblems, readConfigFile } from "../../config/config.ts";
import { readEnv } from "../../config/environment.ts";
import type { Paths } from "../../config/paths.ts";
import { openLibc } from "../../proc/libc.ts";
import { VERSION } from "../commands/version.ts";
import { formatBytes } from "../../core/quantity.ts";
import { DENO_VERSION } from "../../proc/deno_pins.ts";
import { loadProviders } from "../../sessions/providers/providers.ts";
import { type Check, fail, ok, warn } from "./check.ts";
import { closing, openToOthers } from "./file_modes.ts";

/** Below this, a day of heavy traffic may not fit, in bytes. */
const LITTLE_SPACE_BYTES = 500e6;
/** Below this, recording is about to stop, in bytes. */
const NO_SPACE_BYTES = 20e6;

/** Runs all checks of this file. */
export function systemChecks(paths: Paths): Check[] {
  return [
    runtimeCheck(),
    relayCheck(),
    homeCheck(paths.home),
    diskCheck(paths.home),
    configCheck(paths.config),
  ];
}

function runtimeCheck(): Check {
  const { deno } = Deno.version;
  const detail = `km ${VERSION} on Deno ${deno}, ${Deno.build.os} ${Deno.build.arch}`;
  if (deno === DENO_VERSION || Deno.build.standalone) return ok("runtime", detail);
  return warn(
    "runtime",
    detail,
    `km is tested with Deno ${DENO_VERSION}: npx -y deno@${DENO_VERSION} run -A main.ts`,
  );
}

function relayCheck(): Check {
  const wanted = readEnv("KM_RELAY");
  if (wanted !== undefined && wanted !== "fast" && wanted !== "portable") {
    return warn(
      "relay",
      `KM_RELAY is "${wanted}", which is no relay`,
      "set it to fast or portable, or unset it",
    );
  }
  if (wanted === "portable") return ok("relay", "portable, as KM_RELAY says");
  if (Deno.build.os === "windows") return ok("relay", "portable (Windows has no other)");
  try {
    openLibc()[Symbol.dispose]();
    return ok("relay", "fast: libc answers through FFI");
  } catch (error) {
    return warn(
      "relay",
      `portable: ${(error as Error).message}`,
      "nothing is lost, a round trip takes about 0.1 ms longer",
    );
  }
}

function homeCheck(home: string): Check {
  const missing = `mkdir -m 700 -p ${home}, or set KM_HOME to a directory that can be written`;
  try {
    const info = Deno.statSync(home);
    if (!info.isDirectory) {
      return fail("home", `${home} is no directory`, "move that file away, or set KM_HOME");
    }
    if (!canWrite(home)) {
      return fail(
        "home",
        `${home} cannot be written`,
        "nothing is recorded: give yourself write permission, or set KM_HOME",
      );
    }
    return openToOthers(info.mode)
      ? warn("home", `${home} can be read by others`, `chmod 700 ${home}`, closing([home]))
      : ok("home", home);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return fail("home", `${home}: ${(error as Error).message}`, missing);
    }
    return missingHomeCheck(home);
  }
}

function missingHomeCheck(home: string): Check {
  if (isLink(home)) {
    return fail(
      "home",
      `${home} is a link to a folder that does not exist`,
      "make that folder, or remove the link",
    );
  }
  const parent = existingParent(home);
  return canWrite(parent) ? ok("home", `${home} does not exist yet; the first recording makes it`) : fail(
    "home",
    `${home} does not exist, and cannot be made in ${parent}`,
    "set KM_HOME to another folder",
  );
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

function canWrite(directory: string): boolean {
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: directory, prefix: ".doctor-" }));
    return true;
  } catch {
    return false;
  }
}

function diskCheck(home: string): Check {
  try {
    const { bavail, bsize } = statfsSync(existingParent(home));
    const free = Number(bavail) * Number(bsize);
    const detail = `${formatBytes(free)} free`;
    if (free < NO_SPACE_BYTES) {
      return fail(
        "disk",
        detail,
        "recording stops when the disk is full: make room, or km prune --max-bytes 100MB",
      );
    }
    return free < LITTLE_SPACE_BYTES
      ? warn("disk", detail, "make room, or km config set retention.maxBytes 200MB")
      : ok("disk", detail);
  } catch (error) {
    return warn(
      "disk",
      `free space unknown: ${(error as Error).message}`,
      "check that the disk of KM_HOME is there",
    );
  }
}

function existingParent(path: string): string {
  for (let at = path;;) {
    try {
      Deno.statSync(at);
      return at;
    } catch {
      const parent = at.replace(/[\\/][^\\/]*$/, "");
      if (parent === at || parent === "") return Deno.build.os === "windows" ? "." : "/";
      at = parent;
    }
  }
}

function configCheck(path: string): Check {
  const file = readConfigFile(path);
  const { values } = file;
  const inFile = [...file.problems, ...loadProviders(file.providers).problems];
  const problems = [...inFile.map((problem) => `${path}: ${problem}`), ...environmentProblems()];
  if (problems.length > 0) {
    return warn(
      "config",
      problems.join("; "),
      "what is wrong there is ignored; km config show says what holds",
    );
  }
  return ok("config", values.size === 0 ? "defaults only" : `${path}: ${values.size} set`);
}
