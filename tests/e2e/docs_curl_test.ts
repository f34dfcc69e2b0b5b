/** The lines that `/docs` prints to be copied, run as they stand by a real shell and a real curl. @module */
import assert from "node:assert/strict";
import { type Contract, curlLine, type Operation, readGroups } from "../../src/web/docs/contract_reader.ts";
import { missingProgram, testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { TempFolder, within } from "./harness.ts";

/** What an example cannot do: a stream does not end, a code is used up, and what follows would be signed out. */
const NOT_RUN = [
  "/api/stream",
  "/api/stream/ws",
  "/api/auth/session",
  "/api/ws",
  "/api/sessions/{id}/ws",
  // Only what has ended is resumed, and of that only what can be.
  "/api/sessions/{id}/resume",
];
/** Events come before what asks for them, keys before what revokes them, and what deletes comes last. */
const ORDER = ["post /api/events", "post /api/events/batch", "post /api/keys"];
const LAST = [
  "delete /api/keys/{name}",
  "post /api/tasks/{id}/cancel",
  "delete /api/sessions/{id}",
  "post /api/prune",
];
/** Examples speak of the third session and the third task, and of Claude Code, which is a shell here. */
const PROVIDERS = { claude: { command: ["/bin/sh"], quiet: "idle" } };

testUnless(
  missingProgram("curl", "sh"),
  "every curl line of /docs works as it is printed",
  () => within(runAll(), 120_000, () => "all examples"),
);

async function runAll(): Promise<void> {
  verifies("api-openapi");
  // The example of an event has a fixed time, which must not be too old to be kept.
  using home = new TempFolder();
  await Deno.writeTextFile(`${home.path}/config.jsonc`, JSON.stringify({ providers: PROVIDERS }));
  const env = { KM_RETENTION_DAYS: "0", KM_SESSIONS_QUIET: "300ms" };
  await using daemon = await RunningDaemon.start([], { home: home.path, env });
  // Sessions first: tasks run in sessions of their own, which have numbers, too.
  for (let i = 0; i < 3; i++) await post(daemon, "/api/sessions", { provider: "claude", cwd: home.path });
  for (let i = 0; i < 3; i++) {
    await post(daemon, "/api/tasks", { provider: "claude", prompt: "true", cwd: home.path });
  }
  const contract: Contract = await (await daemon.get("/api/openapi.json")).json();
  const operations = readGroups(contract).flatMap((group) => group.operations);
  const listed = Object.values(contract.paths).flatMap((item) => Object.keys(item)).length;
  assert.equal(operations.length, listed, "/docs shows every operation");
  const chosen = operations.filter(({ path }) => !NOT_RUN.includes(path)).sort((a, b) => rank(a) - rank(b));
  for (const operation of chosen) {
    const line = curlLine(operation, contract, daemon.url);
    assert.ok(line, operation.path);
    const [status, body] = await runLine(line, daemon.home);
    assert.match(status, /^2/, `${line}\n${body}`);
    if (operation.path.startsWith("/api/events") && operation.method === "post") {
      assert.deepEqual(JSON.parse(body).rejected, [], line);
    }
  }
}

async function post(daemon: RunningDaemon, path: string, body: unknown): Promise<void> {
  const headers = { "Authorization": `Bearer ${daemon.token}`, "Content-Type": "application/json" };
  const response = await fetch(daemon.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 201, await response.text());
}

function rank({ method, path }: Operation): number {
  const name = `${method} ${path}`;
  if (ORDER.includes(name)) return ORDER.indexOf(name) - ORDER.length;
  return LAST.indexOf(name) + 1;
}

/** Status and body. What is added only tells the status. */
async function runLine(line: string, home: string): Promise<readonly [string, string]> {
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${line} -w '\\n%{http_code}'`],
    env: { KM_HOME: home },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, `${line}\n${new TextDecoder().decode(stderr)}`);
  const at = text.lastIndexOf("\n");
  return [text.slice(at + 1), text.slice(0, at)];
}
