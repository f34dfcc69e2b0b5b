/** plugins/README.md, taken at its word: its commands are run as they stand there. */
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { KM, KM_ENV, ROOT, runKm, Running, TempFolder } from "./harness.ts";

const GUIDE_MS = 120_000;

/** All `sh` blocks of a document, in order. */
function commandsOf(text: string): string {
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block).join("\n");
}

/** A folder in which `km` is this km. */
async function shimFolder(work: TempFolder): Promise<string> {
  const bin = `${work.path}/bin`;
  await Deno.mkdir(bin);
  const words = KM.map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(`${bin}/km`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return bin;
}

testUnless(
  unlessOs("linux", "darwin"),
  "plugins/README.md takes an author from nothing to an installed plugin, which then runs",
  async () => {
    verifies("plugins-guide");
    using work = new TempFolder();
    const home = `${work.path}/home`;
    const script = commandsOf(await Deno.readTextFile(`${ROOT}plugins/README.md`));
    for (const word of ["new", "test", "build", "keygen", "sign", "verify", "install", "status"]) {
      assert.match(script, new RegExp(`^km plugins ${word}`, "m"));
    }
    const path = `${await shimFolder(work)}:${Deno.env.get("PATH")}`;
    const env = { ...KM_ENV, PATH: path };
    await using guide = new Running([], {
      home,
      env,
      cwd: work.path,
      command: ["sh", "-e", "-c", script],
    });
    await guide.closeStdin();
    const { code, out, err } = await guide.ended(GUIDE_MS);
    assert.equal(code, 0, `${out}\n${err}`);
    assert.match(out, /finding info crawl is slow/);

    const server = `${work.path}/server.mjs`;
    await Deno.writeTextFile(server, SLOW_SERVER);
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "look", arguments: {} } };
    await using monitor = new Running(["monitor", "--name", "guide", "--", Deno.execPath(), "run", server], {
      home,
      // Plugins stand back while processors are busy, which they are while all tests run.
      env: { ...KM_ENV, KM_PLUGINS_NICENESS: "0" },
    });
    await monitor.write(`${JSON.stringify(call)}\n`);
    await monitor.stdout.text(`"id":1`);
    // The plugin's log says that the slow call was found; the host writes it as it comes.
    await using logs = new Running(["plugins", "logs", "slow-calls", "--follow"], { home });
    await logs.stdout.text("look took", GUIDE_MS);
    await monitor.closeStdin();
    assert.equal((await monitor.ended()).code, 0);
    const removed = await runKm(["plugins", "remove", "slow-calls"], { home });
    assert.equal(removed.code, 0, removed.err);
  },
);

/** Answers every request after more than a second: that is what the plugin of the guide calls slow. */
const SLOW_SERVER = `let rest = "";
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + chunk).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    console.log(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(line).id, result: { content: [] } }));
  }
}
`;
