import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { type AuthAnswer, type AuthMemory, settleAuth } from "./auth_memory.ts";
import type { SessionLicence } from "./plugin_session.ts";

const LICENCE: SessionLicence = { tier: "pro", customerId: "c-42", expiresAtS: 2_000 };
const YES = { verdict: "yes", reason: "" } as const;
const NO = { verdict: "no", reason: "not you" } as const;
const UNKNOWN = { verdict: "unknown", reason: "no network" } as const;

/** Keeps one answer; its clock is set. */
class OneAnswer implements AuthMemory {
  answer: AuthAnswer | null = null;
  timeS = 1_000;
  readonly graceS = 100;
  readonly nowS = (): number => this.timeS;
  readonly read = (): Promise<AuthAnswer | null> => Promise.resolve(this.answer);
  readonly write = (answer: AuthAnswer): Promise<void> => {
    this.answer = answer;
    return Promise.resolve();
  };
}

const settle = (
  check: typeof YES | typeof NO | typeof UNKNOWN,
  memory: AuthMemory | null,
  licence = LICENCE,
) => settleAuth("p", licence, { check, memory });
const REFUSED = (reason: string) => ({
  code: "not_granted",
  message: `Plugin "p" does not accept this licence: ${reason}`,
});

Deno.test("settleAuth() lets a yes count for the grace period while the check cannot be made", async () => {
  verifies("tiers-recheck");
  const memory = new OneAnswer();
  await assert.rejects(settle(UNKNOWN, memory), REFUSED("no network"));
  assert.equal(await settle(YES, memory), null);
  memory.timeS += 99;
  assert.equal(
    await settle(UNKNOWN, memory),
    "its check of the licence failed (no network); its last yes counts until 1970-01-01T00:18:20.000Z",
  );
  memory.timeS += 1;
  await assert.rejects(settle(UNKNOWN, memory), REFUSED("no network"));
  memory.timeS = 999;
  await assert.rejects(settle(UNKNOWN, memory), REFUSED("no network"), "a clock that was set back");
});

Deno.test("settleAuth() never makes a yes of a no, of another licence's yes, or of nothing", async () => {
  verifies("tiers-recheck");
  const memory = new OneAnswer();
  await settle(YES, memory);
  for (const other of [{ tier: "enterprise" }, { customerId: "c-1" }, { customerId: null }] as const) {
    await assert.rejects(settle(UNKNOWN, memory, { ...LICENCE, ...other }), REFUSED("no network"));
  }
  await assert.rejects(settle(NO, memory), REFUSED("not you"));
  await assert.rejects(settle(UNKNOWN, memory), REFUSED("no network"));
  assert.equal(await settle(YES, null), null);
  await assert.rejects(settle(UNKNOWN, null), REFUSED("no network"));
});
