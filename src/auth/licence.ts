/**
 * What a licence opens, and for how long. Rules only: reading tokens is `licence_token.ts`, keeping them `licence_file.ts`, asking the
 * issuer's server `licence_server.ts`, doing all that in time `licence_keeper.ts`.
 * @module
 */
import { covers, type Tier } from "../core/plugin.ts";
import { printableStart } from "../core/printable.ts";

/**
 * `none`: no token. `valid`. `grace`: valid, though the licence server does not answer. `expired`: by its date, or without an answer for too
 * long. `revoked`: the licence server said so. `invalid`: nothing that km believes, or the clock was set back.
 */
export type LicenceState = "none" | "valid" | "grace" | "expired" | "revoked" | "invalid";

export interface Licence {
  readonly state: LicenceState;
  /** What is open now: `free` unless the state is `valid` or `grace`. */
  readonly tier: Tier;
  /** The only plugins that it counts for; null: all. */
  readonly plugins: readonly string[] | null;
  /** Whom it names, while it counts. */
  readonly customerId: string | null;
  /** Seconds since the Unix epoch: the token's end. Null without a token that can be read. */
  readonly expiresAtS: number | null;
  /** Seconds since the Unix epoch: when it ends unless the licence server answers; null where that is not the question. */
  readonly graceEndsAtS: number | null;
  /** Why it is not `valid`, in one printable line; null when there is nothing to say. */
  readonly reason: string | null;
}

/** What a token says, once its signature is believed. Times in seconds since the Unix epoch. */
export interface LicenceClaims {
  readonly id: string;
  readonly customerId: string;
  readonly tier: Tier;
  readonly plugins: readonly string[] | null;
  readonly issuedAtS: number;
  readonly notBeforeS: number | null;
  readonly expiresAtS: number;
  readonly issuer: string;
}

/** What is kept of a licence from one look to the next. Times in seconds since the Unix epoch. */
export interface LicenceRecord {
  /** Null: signed out. */
  readonly token: string | null;
  /** The latest time that was ever seen: time does not go back. */
  readonly lastSeenS: number;
  /** When the newest token that was ever kept was issued. */
  readonly newestIssuedAtS: number;
  /** When the issuer last said yes: by its server, or by issuing the token. */
  readonly lastGoodS: number;
  /** Why the licence server could not be asked, the last time; null: it answered, or nobody asked. */
  readonly offline: string | null;
  /** The token that the licence server said no to. */
  readonly revoked: { readonly id: string; readonly reason: string } | null;
}

export interface LicencePolicy {
  readonly nowS: number;
  /** With a licence server: how long its last yes counts while it does not answer, in seconds. Null: there is no server. */
  readonly graceS: number | null;
}

export const NO_LICENCE: Licence = {
  state: "none",
  tier: "free",
  plugins: null,
  customerId: null,
  expiresAtS: null,
  graceEndsAtS: null,
  reason: null,
};

/** Clocks are set right by less than this, in seconds. */
export const CLOCK_SLACK_S = 600;
const MAX_REASON_CHARS = 300;

/** A licence that opens nothing, and why. */
export function closedLicence(
  state: LicenceState,
  reason: string,
  claims: LicenceClaims | null = null,
): Licence {
  const expiresAtS = claims?.expiresAtS ?? null;
  return { ...NO_LICENCE, state, expiresAtS, reason: printableStart(reason, MAX_REASON_CHARS) };
}

/** What the token of `record`, which says `claims`, opens now. */
export function judgeLicence(record: LicenceRecord, claims: LicenceClaims, policy: LicencePolicy): Licence {
  const { nowS } = policy;
  const wrongClock = clockProblem(record, claims, nowS);
  if (wrongClock !== null) return closedLicence("invalid", wrongClock, claims);
  if (record.revoked?.id === claims.id) {
    const why = record.revoked.reason === "" ? "" : `: ${record.revoked.reason}`;
    return closedLicence("revoked", `the licence server revoked it${why}`, claims);
  }
  if (policy.graceS === null) {
    return nowS < claims.expiresAtS ? open("valid", claims) : expired(claims);
  }
  return judgeByServer(record, claims, { nowS, graceS: policy.graceS });
}

/** True when the clock was set back, so that nothing it says of dates counts. */
export function isClockBack(record: Pick<LicenceRecord, "lastSeenS">, nowS: number): boolean {
  return nowS < record.lastSeenS - CLOCK_SLACK_S;
}

/** What a licence opens for one plugin. */
export function tierOf(licence: Licence, plugin: string): Tier {
  return licence.plugins === null || licence.plugins.includes(plugin) ? licence.tier : "free";
}

/** Why `licence` does not let a plugin run, for people; null when it does. */
export function notCovered(
  licence: Licence,
  plugin: { readonly name: string; readonly requiredTier: Tier; readonly customerId: string | null },
): string | null {
  if (plugin.customerId !== null && plugin.customerId !== licence.customerId) {
    return `it was made for another customer than the licence names${because(licence)}`;
  }
  const tier = tierOf(licence, plugin.name);
  if (covers(tier, plugin.requiredTier)) return null;
  return `it needs the tier "${plugin.requiredTier}", and the licence opens "${tier}"${because(licence)}`;
}

/** A licence in one line: `pro, of acme, until 2027-01-31`. */
export function describeLicence(licence: Licence): string {
  const { state, tier, customerId, plugins, expiresAtS, graceEndsAtS, reason } = licence;
  if (state === "none") return reason === null ? "free (no licence)" : `free (no licence: ${reason})`;
  if (state !== "valid" && state !== "grace") {
    return `free (licence ${state}: ${reason ?? "no reason given"})`;
  }
  const parts = [tier, `of ${printableStart(customerId ?? "", MAX_REASON_CHARS)}`];
  if (plugins !== null) parts.push(`for ${plugins.join(", ")} only`);
  if (state === "valid") parts.push(`until ${dateOf(expiresAtS ?? 0)}`);
  else parts.push(`${reason}, until ${timeOf(graceEndsAtS ?? 0)}`);
  return parts.join(", ");
}

function judgeByServer(
  record: LicenceRecord,
  claims: LicenceClaims,
  { nowS, graceS }: { readonly nowS: number; readonly graceS: number },
): Licence {
  const graceEndsAtS = record.lastGoodS + graceS;
  if (nowS >= graceEndsAtS) {
    const why = record.offline === null ? "" : ` (${record.offline})`;
    const text = `the licence server did not confirm it since ${timeOf(record.lastGoodS)}${why}`;
    return closedLicence("expired", text, claims);
  }
  if (record.offline !== null) {
    const reason = printableStart(`the licence server cannot be asked: ${record.offline}`, MAX_REASON_CHARS);
    return { ...open("grace", claims), graceEndsAtS, reason };
  }
  return nowS < claims.expiresAtS ? { ...open("valid", claims), graceEndsAtS } : expired(claims);
}

function clockProblem(record: LicenceRecord, claims: LicenceClaims, nowS: number): string | null {
  if (isClockBack(record, nowS)) {
    return `the clock says ${timeOf(nowS)}, but it was ${timeOf(record.lastSeenS)} already: set it right; ` +
      "was it wrong then, ask your issuer for a new token";
  }
  const startS = Math.max(claims.issuedAtS, claims.notBeforeS ?? 0);
  if (nowS < startS - CLOCK_SLACK_S) return `it counts from ${timeOf(startS)} on: is the clock right?`;
  return null;
}

function open(state: "valid" | "grace", claims: LicenceClaims): Licence {
  const { tier, plugins, customerId, expiresAtS } = claims;
  return { ...NO_LICENCE, state, tier, plugins, customerId, expiresAtS };
}

function expired(claims: LicenceClaims): Licence {
  return closedLicence("expired", `it ended ${timeOf(claims.expiresAtS)}`, claims);
}

function because({ state, reason }: Licence): string {
  if (state === "none") return reason === null ? "; there is none" : `; there is none (${reason})`;
  return reason === null ? "" : ` (licence ${state}: ${reason})`;
}

function dateOf(timeS: number): string {
  return timeOf(timeS).slice(0, 10);
}

/** `2026-11-21 12:00 UTC`; times beyond what Date knows, as numbers. */
function timeOf(timeS: number): string {
  const date = new Date(timeS * 1000);
  if (Number.isNaN(date.getTime())) return `${timeS} s`;
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
