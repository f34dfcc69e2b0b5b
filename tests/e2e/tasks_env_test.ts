/** Whose environment a task has. */
import { deepEqual, equal } from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm, TempFolder } from "./harness.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");

const ANSWER =
  `printf '{"type":"result","subtype":"success","is_error":false,"result":"%s"}\\n' "$MY_KEY.$OTHER_KEY"`;
const providers = {
  streams: {
    command: ["sh", "-c", `cat > /dev/null; ${ANSWER}`],
    env: ["MY_*"],
    structured: { format: "claude-stream-json", args: [] },
  },
  // Its prompt is typed in.
  types: { extends: "shell", command: ["/bin/sh"], env: ["MY_*"], quiet: "idle" },
  holds: { command: ["sh", "-c", "sleep 1000"], structured: { format: "claude-stream-json", args: [] } },
};

testUnless(
  NO_TERMINALS,
  "a task has the environment of who submits it, by the allow-list; after a restart it has not, and nothing of it is stored",
  async () => {
    verifies("session-environment");
    using folder = new TempFolder();
    const { path: home } = folder;
    const settings = { providers, tasks: { maxParallel: 1 } };
    Deno.writeTextFileSync(`${home}/config.jsonc`, JSON.stringify(settings));
    const env = { MY_KEY: "key-of-mine-4711", OTHER_KEY: "not-this-one", MY_OTHER: "kept-in-memory" };
    const km = async (...words: string[]) => {
      const { code, out, err } = await runKm(["tasks", ...words], { home, cwd: home, env });
      equal(code, 0, err);
      return out.trimEnd();
    };
    {
      await using daemon = await RunningDaemon.start([], { home, env: { SHELL: "/bin/sh", PS1: "$ " } });
      equal(await km("submit", "streams", "x", "--wait"), "key-of-mine-4711.");
      equal(await km("submit", "types", "echo $MY_KEY.$OTHER_KEY", "--wait"), "key-of-mine-4711.");
      await km("submit", "holds", "x");
      await km("submit", "streams", "y");
      daemon.process.kill("SIGTERM");
      await daemon.process.exit();
    }
    await using _again = await RunningDaemon.start([], { home });
    const { out } = await runKm(["tasks", "show", "4", "--follow"], { home });
    const shown = await runKm(["tasks", "show", "4", "--json"], { home });
    const { state, result } = JSON.parse(shown.out);
    deepEqual([state, result], ["done", "."], out);
    const stored = await Deno.readFile(`${home}/km.db`);
    equal(new TextDecoder("latin1").decode(stored).includes("kept-in-memory"), false);
  },
);
