import { verifies } from "../../../tests/verifies.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { hostileStream, seeded } from "./testing_streams.ts";
import { TestTerminal } from "./testing_terminal.ts";

const FOLDER = fileURLToPath(new URL("./fixtures", import.meta.url));
const RECORDINGS = ["vim", "less", "top", "git_log", "python_repl", "man", "tmux"];

/** Cut at `at`: a snapshot is what was, and what comes after comes to the same. */
async function replay(bytes: Uint8Array, at: number, terminal: TestTerminal, lines: number): Promise<void> {
  terminal.write(bytes.subarray(0, at));
  using copy = await terminal.copy(lines);
  assert.deepEqual(copy.state.fingerprint(), terminal.state.fingerprint(), `cut at ${at}`);
  const rest = bytes.subarray(at);
  assert.deepEqual(
    copy.write(rest).state.fingerprint(),
    terminal.write(rest).state.fingerprint(),
    `cut at ${at}, and the rest`,
  );
}

for (const name of RECORDINGS) {
  Deno.test(`snapshot() of ${name} is what was, wherever it is cut, and goes on alike`, async () => {
    verifies("session-snapshot-equal");
    const bytes = await Deno.readFile(`${FOLDER}/${name}.raw`);
    const random = seeded(bytes.length);
    const cuts = Array.from({ length: 40 }, () => Math.floor(random() * bytes.length));
    // Within sequences and characters, too: every byte of a stretch.
    const from = Math.floor(bytes.length / 3);
    for (const at of [...cuts, ...Array.from({ length: 60 }, (_, i) => from + i)]) {
      using terminal = new TestTerminal({ cols: 80, rows: 24 }, at % 2 ? 10 : 100);
      await replay(bytes, at, terminal, at % 2 ? 10 : 100);
    }
  });
}

Deno.test("snapshot() of hostile output is what was, and goes on alike", async () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seeded(seed * 7919);
    const size = { cols: 4 + Math.floor(random() * 60), rows: 2 + Math.floor(random() * 14) };
    const bytes = hostileStream(seed, 10 + Math.floor(random() * 120));
    const lines = seed % 2 ? 20 : 120;
    using terminal = new TestTerminal(size, lines);
    await replay(bytes, Math.floor(random() * bytes.length), terminal, lines)
      .catch((error) => assert.fail(`seed ${seed}: ${error.message}`));
  }
});

Deno.test("snapshot() after changes of size is what was", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    using terminal = new TestTerminal({ cols: 80, rows: 24 }, 120);
    for (let i = 0; i < 4; i++) {
      terminal.write(
        `\x1b[3${i}mline ${i} ${"word ".repeat(Math.floor(random() * 40))}\x1b[m\r\n`.repeat(40),
      );
      terminal.state.resize({ cols: 20 + Math.floor(random() * 200), rows: 3 + Math.floor(random() * 60) });
    }
    using copy = await terminal.copy(120);
    assert.deepEqual(copy.state.fingerprint(), terminal.state.fingerprint(), `seed ${seed}`);
  }
});
