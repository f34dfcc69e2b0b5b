/** Looking for the newest release, and installing it. @module */
import { environment } from "../../config/environment.ts";
import { KmError } from "../../core/error.ts";
import { formatBytes } from "../../core/quantity.ts";
import { runLimited } from "../../proc/run_limited.ts";
import { kmFiles } from "../../update/km_files.ts";
import type { Channel, Manifest } from "../../update/manifest.ts";
import { fileFor, installRelease, newestRelease } from "../../update/update.ts";
import { compareVersions } from "../../core/version.ts";
import { ProgressLine } from "../progress_line.ts";
import { removeUnpacked, unneededUnpacked, unpackedId } from "../unpacked.ts";
import { renewCompletions } from "./renew_completions.ts";
import type { UpdateReport } from "./report.ts";
import { type BuiltKm, releaseSource, userAgent } from "./this_km.ts";

/** What the command was asked. */
export interface UpdateOptions {
  readonly statePath: string;
  readonly channel: Channel;
  readonly signal: AbortSignal;
}

/** `--check`. @throws {KmError} download_failed, not_trusted, unsupported */
export async function checkOnly(km: BuiltKm, options: UpdateOptions): Promise<UpdateReport> {
  return standing(km, await look(km, options));
}

/** Without flags: installs what is newer. @throws {KmError} also update_failed */
export async function updateNow(km: BuiltKm, options: UpdateOptions): Promise<UpdateReport> {
  refuseManaged(km);
  const manifest = await look(km, options);
  const report = standing(km, manifest);
  if (report.status !== "pending") return report;
  const { file, build } = km;
  const former = await unpackedId(kmFiles(file).previous);
  const kept = await install(km, manifest, options);
  await warmUp(file);
  await renewCompletions(file, kept);
  await forget(former, [file, kept]);
  return { ...report, status: "updated", version: manifest.version, previous: build.version, kept };
}

/** Unpacks it where its starts look, so that a client does not wait for that: the proof had a cache of its own. */
export async function warmUp(file: string): Promise<void> {
  const env = { ...environment(), KM_NO_UPDATE_CHECK: "1" };
  await runLimited([file, "--version"], { env, timeoutMs: 60_000 }).catch(() => {}); // The next start does it.
}

async function install(km: BuiltKm, manifest: Manifest<Channel>, options: UpdateOptions): Promise<string> {
  const { file, build } = km;
  const { bytes } = fileFor(manifest, build.target);
  using line = new ProgressLine();
  return await installRelease({ file, version: build.version, statePath: options.statePath }, manifest, {
    base: releaseSource(build).base,
    target: build.target,
    transfer: transferOf(km, options),
    signal: options.signal,
    onProgress: (received) => line.show(`km ${manifest.version}: ${progressOf(received, bytes)}`),
  });
}

/** Homebrew and others keep a list of what they installed. @throws {KmError} unsupported */
export function refuseManaged({ manager, file }: BuiltKm): void {
  if (manager === null) return;
  throw new KmError("unsupported", `Cannot update "${file}": ${manager.name} looks after it`, {
    hint: `run "${manager.command}"`,
  });
}

async function look(km: BuiltKm, options: UpdateOptions): Promise<Manifest<Channel>> {
  const { channel, statePath } = options;
  const transfer = transferOf(km, options);
  return await newestRelease({ ...releaseSource(km.build), channel, statePath, transfer, now: new Date() });
}

function transferOf({ build }: BuiltKm, { signal }: UpdateOptions) {
  return { userAgent: userAgent(build), signal };
}

function standing(
  { build, file, manager }: BuiltKm,
  { version: latest, channel }: Manifest<Channel>,
): UpdateReport {
  const order = compareVersions(latest, build.version);
  return {
    status: order > 0 ? "pending" : order < 0 ? "newer" : "current",
    version: build.version,
    latest,
    channel,
    file,
    previous: null,
    warning: null,
    command: manager?.command ?? "km update",
    kept: null,
  };
}

/** What the version before the previous one had unpacked, when nothing needs it. */
async function forget(former: string | null, files: readonly string[]): Promise<void> {
  if (former === null) return;
  for (const unpacked of await unneededUnpacked(files)) {
    if (unpacked.id === former) await removeUnpacked(unpacked).catch(() => {}); // It costs space, nothing else.
  }
}

function progressOf(receivedBytes: number, totalBytes: number): string {
  const percent = Math.floor(receivedBytes / totalBytes * 100);
  return percent < 100 ? `${percent} % of ${formatBytes(totalBytes)}` : "proving that it runs";
}
