import { deepEqual } from "node:assert/strict";
import { appendStateChange } from "../../store/session_writer.ts";
import { appendOutput } from "../../store/session_output.ts";
import { NOON_US, TempStore } from "../../store/testing.ts";
import { addSession, outputFrame } from "../../store/testing_session.ts";
import { readLines } from "./print_logs.ts";

/** A stored session that writes when told. */
class Writing implements Disposable {
  readonly store = new TempStore();
  readonly id = addSession(this.store.db).id;
  #seq = 0;

  write(output: string): void {
    appendOutput(this.store.db, this.id, { firstSeq: this.#seq, frames: [outputFrame(output)] });
    this.#seq += output.length;
  }

  end(): void {
    appendStateChange(this.store.db, this.id, {
      state: "exited",
      reason: "exit",
      source: "exit",
      timeUs: NOON_US,
    });
  }

  /** What is printed, a list for each time; `onPrint` hears what it was. */
  async read(
    flags: { readonly lines: number | undefined; readonly follow: boolean },
    onPrint: (lines: readonly string[]) => void = () => {},
  ): Promise<readonly string[]> {
    const printed: string[] = [];
    await readLines(this.store.db, this.id, flags, (lines) => {
      printed.push(...lines);
      onPrint(lines);
    });
    return printed;
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

Deno.test("readLines() gives the last lines of the past once, then what comes", async () => {
  using session = new Writing();
  session.write("one\ntwo\nthree\nhalf");
  const printed = await session.read({ lines: 2, follow: true }, (lines) => {
    if (!lines.includes("three")) return;
    session.write(" a line\nfour\n");
    session.end();
  });
  deepEqual(printed, ["two", "three", "half a line", "four"]);
});

Deno.test("readLines() gives all, or the last ones, of a session that ended", async () => {
  using session = new Writing();
  session.write("one\ntwo\nthree");
  session.end();
  deepEqual(await session.read({ lines: undefined, follow: true }), ["one", "two", "three"]);
  deepEqual(await session.read({ lines: 2, follow: false }), ["two", "three"]);
  deepEqual(
    await session.read({ lines: 0, follow: true }),
    ["three"],
    "what no line feed ended comes with the end",
  );
});
