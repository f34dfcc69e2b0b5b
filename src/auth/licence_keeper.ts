/**
 * Keeps a licence in force: reads it, checks it again every five minutes (with the licence server, where one is set), sees when another km
 * signs in or out, and tells who wants to know when what it opens changes. What then is to stop, others stop.
 * @module
 */
import type { Clock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import {
  closedLicence,
  isClockBack,
  judgeLicence,
  type Licence,
  type LicenceClaims,
  type LicenceRecord,
  NO_LICENCE,
} from "./licence.ts";
import type { KeptLicence, LicenceFile } from "./licence_file.ts";
import type { ServerAnswer } from "./licence_server.ts";

/** What a token says, or why it is not believed. */
export type TokenReading =
  | { readonly claims: LicenceClaims; readonly problem: null }
  | { readonly claims: null; readonly problem: string };

export interface KeeperTimers {
  readonly setTimer: (run: () => void, ms: number) => unknown;
  readonly clearTimer: (timer: unknown) => void;
}

/** What a licence is read and checked with. */
export interface LicenceDeps {
  readonly file: LicenceFile;
  /** Called only when there is a token. */
  readonly readToken: (token: string) => Promise<TokenReading>;
  /** Null: the token's own dates are all there is. */
  readonly server: LicenceServer | null;
  readonly clock: Clock;
}

export interface LicenceServer {
  /** How long its last yes counts while it does not answer, in seconds. */
  readonly graceS: number;
  readonly ask: (token: string) => Promise<ServerAnswer>;
}

export const RECHECK_MS: number = 5 * 60_000;
/** How soon it is seen that somebody signed in or out, in ms: one `stat`. */
export const LOOK_MS = 2_000;

const SYSTEM_TIMERS: KeeperTimers = {
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as number), // as: it is what setTimer returned
};

/** The licence as it is kept, without asking anybody and without writing anything. Never throws. */
export async function readLicence(deps: LicenceDeps): Promise<Licence> {
  return await judge(await deps.file.read(), deps);
}

/**
 * Keeps `token`, once it is believed; where there is a licence server, that is asked first.
 * @throws {KmError} not_trusted when it opens nothing: nothing is changed then; store_unavailable
 */
export async function signIn(token: string, deps: LicenceDeps): Promise<Licence> {
  const reading = await deps.readToken(token);
  if (reading.claims === null) throw refuseToken(reading.problem);
  const { record: kept } = await deps.file.read();
  const nowS = secondsOf(deps.clock);
  let record = newRecord(token, reading.claims, { kept, nowS });
  if (deps.server !== null) {
    record = await afterAnswer(record, reading.claims, { answer: await deps.server.ask(token), nowS, deps });
  }
  const licence = await judge({ record, refused: null }, deps);
  if (licence.state !== "valid" && licence.state !== "grace") throw refuseToken(licence.reason ?? "");
  await deps.file.change(() => record);
  return licence;
}

/** Forgets the token. What times were seen stays, so that signing in again is no way back in time. False: there was none. */
export async function signOut({ file }: Pick<LicenceDeps, "file">): Promise<boolean> {
  const { record, refused } = await file.read();
  if (refused !== null) {
    Deno.removeSync(file.path);
    return true;
  }
  if (record === null || record.token === null) return false;
  await file.change(({ record }) => record === null ? null : { ...record, token: null });
  return true;
}

export class LicenceKeeper implements AsyncDisposable {
  readonly #deps: LicenceDeps;
  readonly #timers: KeeperTimers;
  readonly #listeners = new Set<(licence: Licence, before: Licence) => void>();
  #licence: Licence = NO_LICENCE;
  #checking: Promise<Licence> | null = null;
  #checkedAtUs = -Infinity;
  #mark = "";
  #timer: unknown = null;
  #ended = false;

  constructor(deps: LicenceDeps, timers: KeeperTimers = SYSTEM_TIMERS) {
    this.#deps = deps;
    this.#timers = timers;
  }

  /** As it was when it was last checked. */
  get licence(): Licence {
    return this.#licence;
  }

  /** `listener` is told whenever what is open, or why not, changed. Returns how to end that. */
  onChange(listener: (licence: Licence, before: Licence) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Checks now, and from now on in time. Listeners are not told of this first licence. */
  async start(): Promise<Licence> {
    const licence = await this.check();
    if (!this.#ended) this.#wait();
    return licence;
  }

  /** Checks now. Of several that ask at once, all get the answer of one check. Never throws. */
  check(): Promise<Licence> {
    return this.#checking ??= this.#check().finally(() => this.#checking = null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) this.#timers.clearTimer(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
    await this.#checking;
  }

  #wait(): void {
    this.#timer = this.#timers.setTimer(() => {
      this.#timer = null;
      const next = this.#isDue() ? this.check() : Promise.resolve();
      void next.then(() => this.#ended || this.#wait());
    }, LOOK_MS);
  }

  /** A clock that was set back is a reason to look, too. */
  #isDue(): boolean {
    const sinceUs = this.#deps.clock.nowUs() - this.#checkedAtUs;
    return sinceUs >= RECHECK_MS * 1000 || sinceUs < 0 || this.#deps.file.mark() !== this.#mark;
  }

  async #check(): Promise<Licence> {
    const isFirst = this.#checkedAtUs === -Infinity;
    this.#checkedAtUs = this.#deps.clock.nowUs();
    const licence = await judge(await this.#refresh(), this.#deps);
    this.#mark = this.#deps.file.mark();
    const before = this.#licence;
    this.#licence = licence;
    if (!isFirst && !isSame(before, licence)) {
      for (const listener of this.#listeners) listener(licence, before);
    }
    return licence;
  }

  /** What is kept, brought up to date: the server's answer, and what time it is. */
  async #refresh(): Promise<KeptLicence> {
    const kept = await this.#deps.file.read();
    const { record } = kept;
    if (record === null || record.token === null) return kept;
    const { claims } = await this.#deps.readToken(record.token);
    if (claims === null) return kept;
    const next = await this.#ask(record, claims);
    try {
      const written = await this.#deps.file.change(({ record: current }) =>
        // Somebody signed in or out meanwhile: the answer was about another token.
        current?.token === record.token ? next : null
      );
      return { record: written, refused: null };
    } catch {
      // A full disk is no reason to end a licence; the next check writes it.
      return { record: next, refused: null };
    }
  }

  async #ask(record: LicenceRecord, claims: LicenceClaims): Promise<LicenceRecord> {
    const { server, clock } = this.#deps;
    const answer = server === null || record.token === null ? null : await server.ask(record.token);
    const nowS = secondsOf(clock);
    if (answer === null) return seen({ ...record, offline: null }, nowS);
    return await afterAnswer(record, claims, { answer, nowS, deps: this.#deps });
  }
}

async function judge({ record, refused }: KeptLicence, deps: LicenceDeps): Promise<Licence> {
  if (record === null || record.token === null) return { ...NO_LICENCE, reason: refused };
  const { claims, problem } = await deps.readToken(record.token);
  if (claims === null) return closedLicence("invalid", problem);
  return judgeLicence(record, claims, { nowS: secondsOf(deps.clock), graceS: deps.server?.graceS ?? null });
}

/** What is kept of a token that somebody signs in with. */
function newRecord(
  token: string,
  claims: LicenceClaims,
  { kept, nowS }: { readonly kept: LicenceRecord | null; readonly nowS: number },
): LicenceRecord {
  const { issuedAtS } = claims;
  // The issuer of a token that is newer than all before vouches for the time; the same one again vouches for nothing.
  const isNewer = kept === null || issuedAtS > kept.newestIssuedAtS;
  return {
    token,
    newestIssuedAtS: Math.max(issuedAtS, kept?.newestIssuedAtS ?? 0),
    lastSeenS: isNewer ? nowS : Math.max(nowS, kept.lastSeenS),
    lastGoodS: kept?.token === token ? Math.max(kept.lastGoodS, issuedAtS) : issuedAtS,
    offline: null,
    revoked: kept?.revoked ?? null,
  };
}

/** What an answer of the licence server makes of a record. */
async function afterAnswer(
  record: LicenceRecord,
  claims: LicenceClaims,
  { answer, nowS, deps }: {
    readonly answer: ServerAnswer;
    readonly nowS: number;
    readonly deps: Pick<LicenceDeps, "readToken">;
  },
): Promise<LicenceRecord> {
  switch (answer.kind) {
    case "revoked":
      return seen({ ...record, offline: null, revoked: { id: claims.id, reason: answer.reason } }, nowS);
    case "offline":
      return seen({ ...record, offline: answer.reason }, nowS);
    case "good":
      break;
  }
  const token = answer.token ?? record.token;
  const renewed = answer.token === null ? claims : (await deps.readToken(answer.token)).claims;
  if (renewed?.customerId !== claims.customerId || renewed.issuer !== claims.issuer) {
    return seen(
      { ...record, offline: "it sent a new token that is not for this customer, or not signed" },
      nowS,
    );
  }
  return {
    token,
    newestIssuedAtS: Math.max(record.newestIssuedAtS, renewed.issuedAtS),
    // The server vouches for the time: a clock that was wrong before is no matter any more.
    lastSeenS: nowS,
    lastGoodS: nowS,
    offline: null,
    revoked: null,
  };
}

/** Time goes on, unless the clock was set back. */
function seen(record: LicenceRecord, nowS: number): LicenceRecord {
  return isClockBack(record, nowS) ? record : { ...record, lastSeenS: Math.max(record.lastSeenS, nowS) };
}

/** True when nobody needs to hear of the change: the same is open, for the same reason. */
function isSame(a: Licence, b: Licence): boolean {
  const key = ({ state, tier, plugins, customerId, expiresAtS }: Licence) =>
    JSON.stringify([state, tier, plugins, customerId, expiresAtS]);
  return key(a) === key(b);
}

function secondsOf(clock: Clock): number {
  return Math.floor(clock.nowUs() / 1e6);
}

function refuseToken(reason: string): KmError {
  return new KmError("not_trusted", `Cannot use this licence token: ${reason}`, {
    hint: "ask its issuer for a new one; what was in force before is unchanged",
  });
}
