/**
 * Browsers' sessions that were signed out before their time: hashes of their cookies in `$KM_HOME/signed-out.json`, until they would have
 * ended anyway. There is room for so many; beyond it a line is drawn, and every cookie that would end before it counts as signed out.
 * @module
 */
import { type Clock, systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { readPrivateFile, replacePrivateFile } from "../proc/private_file.ts";
import { hashSecret } from "./secret_token.ts";

const MAX_SESSIONS = 1000;

interface Ended {
  /** Every session that would end at this second or before it has ended. */
  readonly lineS: number;
  /** Hash of the cookie → when it would end, in seconds since the Unix epoch. */
  readonly sessions: Readonly<Record<string, number>>;
}

export class EndedSessions {
  readonly #path: string | null;
  readonly #clock: Clock;
  #ended: Ended = { lineS: 0, sessions: {} };

  /** Null: they are forgotten with the process. @throws {KmError} store_unavailable when the file cannot be trusted or read */
  constructor(path: string | null, clock: Clock = systemClock) {
    this.#path = path;
    this.#clock = clock;
    if (path !== null) this.#ended = parseEnded(readPrivateFile(path), path);
  }

  has(cookie: string, endsAtS: number): boolean {
    return endsAtS <= this.#ended.lineS || Object.hasOwn(this.#ended.sessions, hashSecret(cookie));
  }

  /** Ends a session, at once and after a restart. @throws {KmError} store_unavailable when only at once */
  add(cookie: string, endsAtS: number): void {
    const nowS = this.#clock.nowUs() / 1_000_000;
    const sessions = Object.entries({ ...this.#ended.sessions, [hashSecret(cookie)]: endsAtS })
      .filter(([, endsAtS]) => endsAtS > nowS)
      .sort(([, a], [, b]) => b - a);
    const [, lineS = this.#ended.lineS] = sessions[MAX_SESSIONS] ?? [];
    this.#ended = { lineS, sessions: Object.fromEntries(sessions.slice(0, MAX_SESSIONS)) };
    if (this.#path === null) return;
    replacePrivateFile(this.#path, JSON.stringify({ version: 1, ...this.#ended }) + "\n");
  }
}

function parseEnded(text: string | null, path: string): Ended {
  if (text === null) return { lineS: 0, sessions: {} };
  try {
    const { lineS, sessions } = JSON.parse(text) as Partial<Record<keyof Ended, unknown>>; // as: checked here
    if (typeof lineS === "number" && isTimes(sessions)) return { lineS, sessions };
  } catch {
    // Told below.
  }
  throw new KmError("store_unavailable", `Cannot read "${path}": it is no list of sessions`, {
    hint: `remove it, and sign all browsers out with "km keys rotate-token": rm "${path}"`,
  });
}

function isTimes(value: unknown): value is Ended["sessions"] {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((time) => typeof time === "number");
}
