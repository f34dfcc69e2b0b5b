/** May this package run here and now? What is asked of a manifest that is already believed. Pure. @module */
import { KmError } from "../../core/error.ts";
import { covers, type Tier } from "../../core/plugin.ts";
import { compareVersions } from "../../core/version.ts";
import type { Manifest } from "../manifest.ts";

/** What is so here and now. */
export interface Circumstances {
  /** ms since the Unix epoch. */
  readonly nowMs: number;
  readonly kmVersion: string;
  /** What the user's licence opens. */
  readonly tier: Tier;
  /** Whom the user's licence names; null: nobody. */
  readonly customerId: string | null;
  /** Versions of the plugin protocol that this km speaks. */
  readonly protocolVersions: readonly number[];
  /** Of the release that is, or was, the newest installed here; null: none was. */
  readonly installedSequence: number | null;
  readonly allowDowngrade: boolean;
}

/**
 * Says nothing when the package may run.
 * @throws {KmError} unsupported: it needs a newer km, or speaks no protocol of this one; not_trusted: out of its time, or older than what was
 * installed; not_granted: another customer's, or of a higher tier
 */
export function checkUsable(manifest: Manifest, here: Circumstances): void {
  refuseVersions(manifest, here);
  checkTime(manifest, here.nowMs);
  refuseDowngrade(manifest, here);
  refuseLicence(manifest, here);
}

function refuseVersions({ protocol, minKm, ...manifest }: Manifest, here: Circumstances): void {
  if (!protocol.some((version) => here.protocolVersions.includes(version))) {
    const isNewer = Math.min(...protocol) > Math.max(...here.protocolVersions);
    throw new KmError(
      "unsupported",
      `Cannot use ${nameOf(manifest)}: it speaks protocol ${
        list(protocol)
      }, and km ${here.kmVersion} speaks ${list(here.protocolVersions)}`,
      {
        hint: isNewer
          ? "it is made for a newer km: km update"
          : "it is made for an older km: ask its publisher for a newer release",
      },
    );
  }
  if (compareVersions(here.kmVersion, minKm) >= 0) return;
  throw new KmError(
    "unsupported",
    `Cannot use ${nameOf(manifest)}: it needs km ${minKm} or newer, and this is km ${here.kmVersion}`,
    { hint: "km update" },
  );
}

/**
 * Says nothing while the package's time is on. A clock that is far off looks like a wrong package, so both times are told.
 * @throws {KmError} not_trusted
 */
export function checkTime({ notBefore, expires, ...manifest }: Manifest, nowMs: number): void {
  const clock = new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z");
  if (expires !== null && Date.parse(expires) <= nowMs) {
    throw new KmError(
      "not_trusted",
      `Cannot use ${nameOf(manifest)}: it expired on ${expires}, and the clock here says ${clock}`,
      { hint: "get a newer release from its publisher, or set the clock if it is wrong" },
    );
  }
  if (notBefore !== null && Date.parse(notBefore) > nowMs) {
    throw new KmError(
      "not_trusted",
      `Cannot use ${nameOf(manifest)}: it is not valid before ${notBefore}, and the clock here says ${clock}`,
      { hint: "wait until then, or set the clock if it is wrong" },
    );
  }
}

function refuseDowngrade(
  { releaseSequence, ...manifest }: Manifest,
  { installedSequence, allowDowngrade }: Circumstances,
): void {
  if (installedSequence === null || releaseSequence >= installedSequence || allowDowngrade) return;
  throw new KmError(
    "not_trusted",
    `Cannot use ${
      nameOf(manifest)
    }: it is a downgrade: release ${releaseSequence}, and release ${installedSequence} was installed here`,
    {
      hint:
        "an old release may have holes that a newer one closed, and old releases are what an attacker has: --allow-downgrade takes that risk",
    },
  );
}

function refuseLicence({ customerId, requiredTier, ...manifest }: Manifest, here: Circumstances): void {
  if (customerId !== null && customerId !== here.customerId) {
    // Whose it is stays unsaid: customers need not know of each other.
    throw new KmError("not_granted", `Cannot use ${nameOf(manifest)}: it was made for another customer`, {
      hint: here.customerId === null
        ? "if it was made for you, sign in with your licence: km plugins login"
        : `your licence names "${here.customerId}": ask its publisher for a package of your own`,
    });
  }
  if (covers(here.tier, requiredTier)) return;
  throw new KmError(
    "not_granted",
    `Cannot use ${nameOf(manifest)}: it needs the tier "${requiredTier}", and your licence is "${here.tier}"`,
    { hint: "km plugins login reads a licence of a higher tier" },
  );
}

function nameOf({ name, version }: Pick<Manifest, "name" | "version">): string {
  return `${name} ${version}`;
}

function list(numbers: readonly number[]): string {
  return numbers.join(" and ");
}
