import assert from "node:assert/strict";
import { ParseLine } from "./parse_line.ts";
import { type InTurns, ParseTurns } from "./parse_turns.ts";
import { TerminalState } from "./terminal/terminal_state.ts";

const size = { cols: 80, rows: 24 };
const bytes = (text: string) => new TextEncoder().encode(text);

/** A terminal and a clock that every byte costs `msPerByte`. */
function costly(msPerByte: number) {
  let nowMs = 0;
  const terminal = new TerminalState({ size, answer: () => {}, signal: () => {} });
  const write = terminal.write.bind(terminal);
  const pieces: number[] = [];
  terminal.write = (piece: Uint8Array) => {
    nowMs += piece.length * msPerByte;
    pieces.push(piece.length);
    write(piece);
  };
  const line = new ParseLine(terminal, () => nowMs);
  return { terminal, line, pieces, nowMs: () => nowMs };
}

Deno.test("ParseLine draws what is cheap in large pieces", () => {
  using cheap = costly(0.00001).terminal;
  assert.equal(cheap.takenSeq, 0);
  const { terminal, line, pieces } = costly(0.00001);
  for (let i = 0; i < 20; i++) line.output(new Uint8Array(64 * 1024).fill(97));
  while (!line.isEmpty) line.work(4);
  assert.equal(terminal.takenSeq, 20 * 64 * 1024);
  assert.equal(Math.max(...pieces), 64 * 1024);
  terminal[Symbol.dispose]();
});

Deno.test("ParseLine draws what is costly in pieces that take no longer than a turn", () => {
  const { terminal, line, nowMs } = costly(0.2);
  line.output(new Uint8Array(20_000).fill(97));
  line.work(4); // Finds out what it costs.
  for (let i = 0; i < 50; i++) {
    const startMs = nowMs();
    line.work(4);
    assert.ok(nowMs() - startMs <= 4 + 16 * 0.2, `${nowMs() - startMs} ms`);
  }
  assert.equal(line.isEmpty, false);
  terminal[Symbol.dispose]();
});

Deno.test("ParseLine keeps the order of output, sizes and what is to be done behind them", () => {
  const { terminal, line } = costly(0.00001);
  let seen = "";
  line.output(bytes("x".repeat(100)));
  line.then(() => seen = `${terminal.takenSeq} ${terminal.size.cols}`);
  line.resize({ cols: 40, rows: 10 });
  line.output(bytes("y"));
  line.work(1000);
  assert.deepEqual([seen, terminal.takenSeq, terminal.size.cols], ["100 80", 101, 40]);
  terminal[Symbol.dispose]();
});

Deno.test("ParseTurns lets others have their turn while one has a thousand", async () => {
  const turns: string[] = [];
  const waiter = (name: string, count: number): InTurns & { left: number } => ({
    left: count,
    work() {
      turns.push(name);
      this.left--;
      // As long as a turn takes.
      for (const endMs = performance.now() + 5; performance.now() < endMs;);
    },
    get isDone() {
      return this.left === 0;
    },
  });
  const over = Promise.withResolvers<void>();
  const [endless, short] = [waiter("endless", 1000), waiter("short", 2)];
  using line = new ParseTurns(() => short.isDone && over.resolve());
  line.add(endless);
  line.work();
  line.add(short);
  await over.promise;
  assert.ok(!endless.isDone);
  assert.ok(turns.indexOf("short") < 10, turns.join());
});
