import assert from "node:assert/strict";
import { testUnless } from "../../tests/skip.ts";
import { startPluginProcess } from "./plugin_process.ts";

/** Of this process's session; null where the system has no such groups. */
function ownGroup(): string | null {
  try {
    return Deno.readTextFileSync("/proc/self/autogroup");
  } catch {
    return null;
  }
}

const unlessGroups = ownGroup() === null ? "sessions do not share processors first here" : null;

testUnless(unlessGroups, "a plugin's session stands back as a whole, and nobody else's does", async () => {
  const before = ownGroup();
  const plugin = startPluginProcess({
    argv: ["/bin/cat", "/proc/self/autogroup"],
    env: {},
    niceness: 7,
    dataMiB: null,
    noNetwork: false,
  });
  const [said, complaints] = await Promise.all(
    [plugin.stdout, plugin.stderr].map((stream) => new Response(stream).text()),
  );
  await plugin.stdin.close().catch(() => {});
  await plugin.ended;
  assert.match(said ?? "", / nice 7\n$/);
  assert.equal(complaints, "");
  assert.equal(ownGroup(), before);
});
