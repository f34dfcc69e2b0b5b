/** What a plugin repeats of what it sees: km stores none of the secrets in it. @module */
import assert from "node:assert/strict";
import { openDatabase } from "../../src/store/database.ts";
import { readPluginEmits } from "../../src/store/plugin_emits_reader.ts";
import { verifies } from "../verifies.ts";
import { until } from "./harness.ts";
import { ask, call, finish, linuxTest, PluginTestHome } from "./plugin_home.ts";

const SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
/** Of no known form: that it is one only its variable says. */
const HELD = "correct-horse-battery-staple";
const REPEATS = `onMessage(message, { log, emit }) {
  if (message.event.method !== "tools/call") return;
  const said = "said: " + message.text();
  log.warning(said);
  emit.finding({ key: "k", severity: "info", title: "a call", detail: said, message });
  emit.annotation({ key: "said", value: said, message });
}`;

/** Every file of the home that km writes for plugins, and its database. */
function everything(home: string): string {
  const files = ["", "plugins/logs"].flatMap((folder) =>
    [...Deno.readDirSync(`${home}/${folder}`)].filter(({ isFile }) => isFile).map(({ name }) =>
      `${home}/${folder}/${name}`
    )
  );
  return files.map((file) => new TextDecoder("latin1").decode(Deno.readFileSync(file))).join("\n");
}

function kept(home: string): number {
  using db = openDatabase(`${home}/km.db`, { mode: "read" });
  const { findings } = readPluginEmits(db, "repeats");
  return findings.length;
}

const MODES: readonly (readonly [redact: string, isKept: boolean])[] = [["on", false], ["off", true]];
for (const [redact, isKept] of MODES) {
  linuxTest(
    `plugins: with redact ${redact}, what one repeats of whole messages is kept ${
      isKept ? "as it is" : "without secrets"
    }`,
    async () => {
      verifies("plugin-data-scope");
      await using home = new PluginTestHome({ KM_REDACT: redact, KM_TEST_API_TOKEN: HELD });
      await home.install({ name: "repeats", members: REPEATS, data: { payload: "full" } });
      await using km = home.monitor("mcp");
      await ask(km, call(1, "echo", `,"arguments":{"text":"${SECRET} ${HELD}"}`));
      await home.pluginIs("repeats", ({ counts }) => counts.findings > 1 && counts.annotations > 1);
      await until(() => kept(home.path) > 0, "the finding in the database");
      await finish(km);
      const all = everything(home.path);
      assert.ok(all.includes("said: "));
      assert.deepEqual([all.includes(SECRET), all.includes(HELD)], [isKept, isKept]);
    },
  );
}
