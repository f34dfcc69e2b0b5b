import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import { ApiError } from "./errors.ts";
import { FailureLog } from "./failure_log.ts";
import { TestApi } from "./testing_api.ts";

const REQUEST = { method: "GET", route: "/api/stats" };

/** A log whose clock the test moves. */
function openLog() {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const failures = new FailureLog((line) => lines.push(line), () => clock.nowMs);
  return { lines, clock, failures };
}

const FAILURES: readonly (readonly [Error, number, string])[] = [
  [new KmError("store_locked", "Cannot read: it is locked"), 503, "store_locked: Cannot read: it is locked"],
  [new TypeError("x is undefined"), 500, "internal: TypeError: x is undefined"],
];
for (const [error, status, cause] of FAILURES) {
  Deno.test(`a request that fails with ${status} leaves one line in the log, without its query`, async () => {
    const { lines, failures } = openLog();
    using api = new TestApi({ failures, reader: { query: () => Promise.reject(error) } });
    const response = await api.get("/api/activity?search=private");
    await response.body?.cancel();
    assert.equal(response.status, status);
    assert.equal(lines.length, 1);
    const line = lines[0] ?? "";
    assert.ok(line.startsWith(`GET /api/activity failed with ${status} ${cause}`), line);
    assert.ok(!line.includes("private") && !line.includes("\n"), line);
  });
}

Deno.test("FailureLog.add() tells nothing of what the sender did wrong", () => {
  const { lines, failures } = openLog();
  failures.add(new ApiError(404, "not_found", "There is nothing"), REQUEST);
  failures.add(new KmError("usage", "Cannot read this"), REQUEST);
  assert.deepEqual(lines, []);
});

Deno.test("FailureLog.add() tells the same cause once a second, with how often it came", () => {
  const { lines, clock, failures } = openLog();
  for (let at = 0; at < 5; at++) failures.add(new KmError("store_full", "The disk is full"), REQUEST);
  failures.add(new KmError("store_locked", "Locked"), REQUEST);
  clock.nowMs = 1000;
  failures.add(new KmError("store_full", "The disk is full"), { method: "POST", route: null });
  assert.deepEqual(lines, [
    "GET /api/stats failed with 507 store_full: The disk is full",
    "GET /api/stats failed with 503 store_locked: Locked",
    "POST (no route) failed with 507 store_full: The disk is full (and 4 more of it since the last such line)",
  ]);
});

Deno.test("FailureLog.add() tells causes of causes on one line, and no secret", () => {
  const { lines, failures } = openLog();
  const cause = new Error("no such table\nghp_0123456789abcdefghijABCDEFGHIJ012345");
  failures.add(new KmError("store_corrupt", "Cannot read the store", { cause }), REQUEST);
  assert.match(
    lines[0] ?? "",
    /store_corrupt: Cannot read the store; Error: no such table \[redacted:github-token\]/,
  );
});
