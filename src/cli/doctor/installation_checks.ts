/** Which km this is, whether a newer one is out, and what updates and unpacking leave behind. @module */
import { dirname } from "node:path";
import { readEnv } from "../../config/environment.ts";
import type { Paths } from "../../config/paths.ts";
import { formatBytes, plural } from "../../core/quantity.ts";
import { channelOf } from "../../update/channel.ts";
import {
  deadWorkFolders,
  kmFiles,
  managerOf,
  othersMayWrite,
  removeDeadWorkFolders,
} from "../../update/km_files.ts";
import { pendingVersion, readUpdateState } from "../../update/state.ts";
import { BUILD } from "../build.ts";
import { VERSION } from "../commands/version.ts";
import { type Installation, installation, type InstallationKind } from "../installation.ts";
import { removeUnpacked, unneededUnpacked } from "../unpacked.ts";
import { type Check, fail, ok, type Repair, warn } from "./check.ts";
import { closing } from "./file_modes.ts";
import { copiesOnPath } from "./km_copies.ts";

const KINDS: Readonly<Record<InstallationKind, string>> = {
  source: "checkout",
  portable: "portable file",
  compiled: "compiled file",
};

/** Runs all checks of this file. */
export async function installationChecks(paths: Paths): Promise<Check[]> {
  const km = installation();
  return [
    fileCheck(km),
    updateCheck(km, paths.update),
    ...await leftoverChecks(km),
    ...await unpackedChecks(km),
  ];
}

function fileCheck({ kind, file }: Installation): Check {
  const commit = BUILD?.commit ? ` of commit ${BUILD.commit.slice(0, 12)}` : "";
  const target = BUILD === null ? "" : `, for ${BUILD.target}`;
  const detail = `${KINDS[kind]} ${file}, km ${VERSION}${commit}${target}`;
  if (kind === "source") return ok("file", detail);
  const real = realPath(file);
  if (real === null) {
    return fail(
      "file",
      `${detail}: it was moved or removed since it was started`,
      "start km from where it is now",
    );
  }
  const open = [real, dirname(real)].filter((path) => othersMayWrite(Deno.statSync(path)));
  if (open.length === 0) return ok("file", detail);
  const paths = open.join(" and ");
  return warn(
    "file",
    `${detail}; others can write ${paths}, and so decide what runs as you`,
    `chmod go-w ${open.join(" ")}`,
    closing(open, "write"),
  );
}

/** What the daily check saw; nothing is asked here. */
function updateCheck({ kind, file }: Installation, statePath: string): Check {
  if (kind === "source") return ok("update", "a checkout does not update itself: git pull does");
  const base = readEnv("KM_BASE_URL") ?? BUILD?.baseUrl ?? null;
  if (BUILD === null || base === null || BUILD.releaseKeys.length === 0) {
    return ok(
      "update",
      "this build does not update itself: it knows no address of releases, or no release key",
    );
  }
  const runner = { version: VERSION, file: realPath(file) ?? file };
  const state = readUpdateState(statePath);
  const pending = pendingVersion(state, runner, channelOf(VERSION));
  const when = state.checkedAt === null ? null : state.checkedAt.slice(0, 10);
  if (pending !== null) {
    const command = managerOf(runner.file)?.command ?? "km update";
    return warn("update", `km ${pending} is out, this is ${VERSION} (looked on ${when})`, command);
  }
  return ok(
    "update",
    when === null ? "not looked yet; km update --check does" : `none is pending (looked on ${when})`,
  );
}

async function leftoverChecks({ kind, file }: Installation): Promise<Check[]> {
  const real = kind === "source" ? null : realPath(file);
  if (real === null) return [];
  const left = () => deadWorkFolders(dirname(real)).catch(() => []);
  const found = await left();
  if (found.length === 0) return [];
  const list = found.join(" and ");
  const repair: Repair = {
    does: `remove ${list}`,
    async run() {
      await removeDeadWorkFolders(dirname(real));
      const still = await left();
      return still.length === 0
        ? `removed ${list}`
        : `${still.join(" and ")} could not be removed: still in use, or of another user`;
    },
  };
  return [
    warn(
      "update.leftovers",
      `${list}: an installation or update was cut off`,
      "the next one removes it",
      repair,
    ),
  ];
}

/** A portable file unpacks 100 MB for each version; the old ones stay until somebody clears them away. */
async function unpackedChecks({ kind, file }: Installation): Promise<Check[]> {
  const real = realPath(file);
  const own = kind === "source" || real === null ? [] : [real, kmFiles(real).previous];
  const copies = copiesOnPath().flatMap((copy) => [copy.real, kmFiles(copy.real).previous]);
  const look = () => unneededUnpacked([...own, ...copies]);
  const unneeded = await look();
  const bytes = unneeded.reduce((sum, one) => sum + one.bytes, 0);
  if (unneeded.length === 0) return kind === "portable" ? [ok("unpacked", unpackedDetail())] : [];
  const what = `${plural(unneeded.length, "unpacked version")} of km in ${
    [...new Set(unneeded.map(({ path }) => dirname(path)))].join(" and ")
  }`;
  const repair: Repair = {
    does: `remove ${unneeded.map(({ path }) => path).join(" and ")} (${
      formatBytes(bytes)
    }); a km that needs one unpacks it again`,
    async run() {
      const still = await look();
      for (const one of still) await removeUnpacked(one);
      return `removed ${still.map(({ path }) => path).join(" and ")}`;
    },
  };
  return [
    warn(
      "unpacked",
      `${what} that nothing runs from, ${formatBytes(bytes)}`,
      "km doctor --fix removes what is not needed",
      repair,
    ),
  ];
}

function unpackedDetail(): string {
  return `this one runs from ${dirname(Deno.execPath())}; there are no old ones`;
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}
