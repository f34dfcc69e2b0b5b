/** What tests of licences share: an issuer, a clock that is set, timers that are fired. Not part of the program. @module */
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { issueLicence, type IssuerKeyPair, type LicenceOrder, makeIssuerKey } from "./issue_licence.ts";
import { LicenceFile } from "./licence_file.ts";
import type { KeeperTimers, LicenceDeps, LicenceServer } from "./licence_keeper.ts";
import { parseJwks } from "./licence_keys.ts";
import { readLicenceToken } from "./licence_token.ts";

/** 2026-11-21T12:00:00Z. */
export const NOON_S = 1_795_262_400;
export const HOUR_S = 3600;
export const DAY_S = 86_400;

/** A clock that stands still until it is set. */
export class SetClock implements Clock {
  nowS: number = NOON_S;

  nowUs(): number {
    return this.nowS * 1e6;
  }
}

/** Timers that run when a test says so. */
export class FiredTimers implements KeeperTimers {
  readonly #waiting = new Map<number, () => void>();
  #last = 0;
  #next = Promise.withResolvers<void>();

  readonly setTimer = (run: () => void): number => {
    this.#waiting.set(++this.#last, run);
    this.#next.resolve();
    return this.#last;
  };

  readonly clearTimer = (timer: unknown): void => {
    this.#waiting.delete(timer as number); // as: it is what setTimer returned
  };

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs what waits, and waits until something waits again. */
  async fire(): Promise<void> {
    this.#next = Promise.withResolvers();
    const runs = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const run of runs) run();
    await this.#next.promise;
  }
}

/** A home with a licence file, and an issuer whose key is known there. */
export class LicenceHome implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "km-licence-" });
  readonly file: LicenceFile = new LicenceFile(join(this.path, "licence"));
  readonly clock: SetClock = new SetClock();
  readonly issuer: IssuerKeyPair;

  private constructor(issuer: IssuerKeyPair) {
    this.issuer = issuer;
  }

  static async make(): Promise<LicenceHome> {
    return new LicenceHome(await makeIssuerKey("acme", "EdDSA"));
  }

  /** A token of the issuer: `pro` for "c-42", for 30 days from noon. */
  async token(order: Partial<LicenceOrder> = {}): Promise<string> {
    return await issueLicence(this.issuer.privateJwk, {
      customerId: "c-42",
      tier: "pro",
      issuedAtS: NOON_S,
      expiresAtS: NOON_S + 30 * DAY_S,
      ...order,
    });
  }

  deps(server: LicenceServer | null = null): LicenceDeps {
    const keys = parseJwks({ keys: [this.issuer.publicJwk] }) ?? [];
    return {
      file: this.file,
      readToken: (token) => readLicenceToken(token, keys),
      server,
      clock: this.clock,
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
