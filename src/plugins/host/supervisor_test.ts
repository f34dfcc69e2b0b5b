import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { RestartRule, type Verdict } from "./supervisor.ts";

const MINUTE_MS = 60_000;

Deno.test("RestartRule: 1, 2, 4, 8 s, and off at the fifth end within ten minutes", () => {
  verifies("plugin-restart-backoff");
  const rule = new RestartRule();
  const verdicts: Verdict[] = [];
  for (let end = 0; end < 5; end++) {
    rule.started(end * 10_000);
    verdicts.push(rule.ended(end * 10_000 + 1));
  }
  assert.deepEqual(verdicts, [
    { action: "restart", delayMs: 1_000 },
    { action: "restart", delayMs: 2_000 },
    { action: "restart", delayMs: 4_000 },
    { action: "restart", delayMs: 8_000 },
    { action: "off" },
  ]);
});

Deno.test("RestartRule: who ends every three minutes waits longer each time, at most 60 s, and is not off", () => {
  verifies("plugin-restart-backoff");
  const rule = new RestartRule();
  const delays: number[] = [];
  for (let end = 0; end < 9; end++) {
    rule.started(end * 3 * MINUTE_MS);
    const verdict = rule.ended((end + 1) * 3 * MINUTE_MS - 1);
    assert.equal(verdict.action, "restart");
    if (verdict.action === "restart") delays.push(verdict.delayMs / 1000);
  }
  assert.deepEqual(delays, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

Deno.test("RestartRule: who ran for ten minutes begins anew", () => {
  const rule = new RestartRule();
  for (let end = 0; end < 4; end++) rule.ended(end);
  rule.started(MINUTE_MS);
  assert.deepEqual(rule.ended(11 * MINUTE_MS), { action: "restart", delayMs: 1_000 });
});

Deno.test("RestartRule: after a reset nothing is held against it", () => {
  const rule = new RestartRule();
  for (let end = 0; end < 5; end++) rule.ended(end);
  rule.reset();
  assert.deepEqual(rule.ended(10), { action: "restart", delayMs: 1_000 });
});
