import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { describeRun, type RecorderOptions } from "./recorder_thread.ts";

const KEY = "ghp" + "_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";
const OPTIONS: Omit<RecorderOptions, "tap"> = {
  startedUs: 1,
  pid: 1,
  name: KEY,
  correlationId: `run-${KEY}`,
  dbPath: null,
  maxStoredBytes: 1,
  output: "none",
  redact: true,
};

Deno.test("describeRun() keeps no secret in name, correlation id and command", () => {
  verifies("redact-command-line", "redact-own-secrets");
  const run = describeRun(["srv", "--url", `https://${KEY}@host/`, "held-by-the-environment"], OPTIONS, [
    "held-by-the-environment",
  ]);
  assert.equal(run.server, "[redacted:github-token]");
  assert.equal(run.correlationId, "run-[redacted:github-token]");
  assert.equal(
    run.command,
    JSON.stringify(["srv", "--url", "https://[redacted:url-password]@host/", "[redacted:known-secret]"]),
  );
  assert.equal(describeRun([KEY], { ...OPTIONS, name: undefined }, []).server.includes(KEY), false);
});

Deno.test("describeRun() keeps what was given when redaction is off", () => {
  verifies("redact-off");
  assert.equal(
    describeRun(["srv", KEY], { ...OPTIONS, redact: false }, []).command,
    JSON.stringify(["srv", KEY]),
  );
});
