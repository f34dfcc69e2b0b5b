/** For tests: terminals that keep what they say. @module */
import type { TerminalSize } from "../../core/session.ts";
import { type TerminalSignal, TerminalState } from "./terminal_state.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A terminal with a clock that stands, and what it said. */
export class TestTerminal implements Disposable {
  readonly state: TerminalState;
  readonly signals: TerminalSignal[] = [];
  answers = "";
  nowMs = 0;

  constructor(size: TerminalSize = { cols: 80, rows: 24 }, scrollbackLines = 100) {
    this.state = new TerminalState({
      size,
      scrollbackLines,
      answer: (bytes) => {
        this.answers += decoder.decode(bytes);
      },
      signal: (signal) => {
        this.signals.push(signal);
      },
      nowMs: () => this.nowMs,
    });
  }

  write(output: string | Uint8Array): this {
    this.state.write(typeof output === "string" ? encoder.encode(output) : output);
    return this;
  }

  /** What a viewer gets now, in a terminal of its own. */
  async copy(scrollbackLines = 100): Promise<TestTerminal> {
    const { size, bytes } = await this.state.snapshot();
    return new TestTerminal(size, scrollbackLines).write(bytes);
  }

  [Symbol.dispose](): void {
    this.state[Symbol.dispose]();
  }
}
