/** `km update --rollback`. @module */
import { dirname } from "node:path";
import { KmError } from "../../core/error.ts";
import { runLimited } from "../../proc/run_limited.ts";
import { environment } from "../../config/environment.ts";
import { kmFiles, refuseSharedFolder } from "../../update/km_files.ts";
import { refusedDatabase } from "../../update/prove.ts";
import { rollBack } from "../../update/update.ts";
import { isVersion } from "../../core/version.ts";
import { renewCompletions } from "./renew_completions.ts";
import { otherWay, type UpdateReport } from "./report.ts";
import type { BuiltKm } from "./this_km.ts";
import { refuseManaged, type UpdateOptions, warmUp } from "./update_now.ts";

const LIMIT_MS = 60_000;

/** @throws {KmError} not_found without a previous version; update_failed when it does not run */
export async function rollBackNow(km: BuiltKm, { statePath, signal }: UpdateOptions): Promise<UpdateReport> {
  refuseManaged(km);
  const { file, build } = km;
  // Before it is run to tell its version.
  await refuseSharedFolder(dirname(file));
  const version = await previousVersion(file, signal);
  const kept = await rollBack({ file, version: build.version, statePath }, version, { signal });
  await warmUp(file);
  await renewCompletions(file, kept);
  const refused = await refusedDatabase(file, dirname(statePath)).catch(() => null);
  return {
    status: "rolled-back",
    version,
    latest: null,
    channel: null,
    file,
    previous: build.version,
    warning: refused === null
      ? null
      : `km ${version} cannot use what km ${build.version} recorded (${refused}): ${
        otherWay(version, build.version)
      }`,
    command: "km update",
    kept,
  };
}

async function previousVersion(file: string, signal: AbortSignal): Promise<string> {
  const { previous } = kmFiles(file);
  if (!await Deno.lstat(previous).then(() => true, () => false)) {
    throw new KmError("not_found", `Cannot go back: there is no "${previous}"`, {
      hint: "it is there after the first km update; KM_VERSION=<version> of install.sh installs any version",
    });
  }
  const env = { ...environment(), KM_NO_UPDATE_CHECK: "1" };
  try {
    const { out } = await runLimited([previous, "--version"], { env, timeoutMs: LIMIT_MS, signal });
    const version = /^km (\S+)\n$/.exec(out)?.[1];
    if (version !== undefined && isVersion(version)) return version;
  } catch {
    signal.throwIfAborted();
  }
  throw new KmError("update_failed", `Cannot go back: "${previous}" does not say its version`, {
    hint: `nothing was changed: "${file}" is still the same km`,
  });
}
