/** The way users start servers: `npx` → sh → node. None of that chain may outlive km. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { KM, readEvents, ROOT, Running, TempFolder, until } from "./harness.ts";
import { testReal } from "./real_programs.ts";

const INITIALIZE = `${
  JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "by hand", version: "1" },
    },
  })
}\n`;

/** `@modelcontextprotocol/server-everything` as it is installed in tests/npm; npx asks no registry for it. */
const NPX = ["npx", "-y", "@modelcontextprotocol/server-everything"];

/** Starts the drop-in form, and waits until the server has answered and the chain is up. */
async function startChain(home: string): Promise<Running> {
  const km = new Running(NPX, {
    home,
    command: KM,
    cwd: `${ROOT}tests/npm`,
    env: { npm_config_offline: "true" },
  });
  await km.write(INITIALIZE);
  await km.stdout.lineCount(1);
  await until(
    () => km.processes().some(({ command }) => /node .*server-everything/.test(command)),
    "the chain",
  );
  return km;
}

testReal("km npx … ends the whole chain when the client closes stdin", async () => {
  verifies("lifecycle-no-orphan", "fm-02-npx-chain-term", "monitor-drop-in", "monitor-name-derived");
  using home = new TempFolder();
  await using km = await startChain(home.path);
  assert.ok(km.processes().length >= 3, "npx and node run behind km");
  await km.closeStdin();
  assert.equal((await km.exit()).code, 0);
  await km.noneLeft();
  assert.deepEqual(
    new Set((await readEvents(home.path)).map(({ server }) => server)),
    new Set(["server-everything"]),
  );
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const) {
  testReal(`km npx … leaves no process behind after ${signal}`, async () => {
    verifies("lifecycle-no-orphan", "fm-02-npx-chain-term", "fm-03-km-sigkilled", "lifecycle-parent-death");
    using home = new TempFolder();
    await using km = await startChain(home.path);
    // SIGKILL may cost the last 200 ms: here it strikes after they have passed.
    await until(async () => (await readEvents(home.path, "--kind", "response")).length === 1, "the record");
    km.kill(signal);
    await km.exit();
    await km.noneLeft();
    const answers = await readEvents(home.path, "--kind", "response");
    assert.deepEqual(answers.map(({ method }) => method), ["initialize"]);
  });
}
