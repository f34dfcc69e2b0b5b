/** Reads what the fake server saw. @module */
import type { Sighting } from "./server_io.ts";
import { until } from "../e2e/harness.ts";

/** The file in which the fake server says what it sees. */
export class WitnessLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    Deno.writeTextFileSync(path, "");
  }

  /** Everything seen so far, or all of one event. */
  all(event?: string): Sighting[] {
    const lines = Deno.readTextFileSync(this.path).split("\n").slice(0, -1);
    const all = lines.map((line) => JSON.parse(line) as Sighting);
    return event === undefined ? all : all.filter((each) => each.event === event);
  }

  /** Waits until `event` was seen for the n-th time, and returns that. */
  async until(event: string, nth = 1): Promise<Sighting> {
    const found = () => this.all(event)[nth - 1];
    await until(
      () => found() !== undefined,
      () => `"${event}"; seen: ${JSON.stringify(this.all())}`,
    );
    return found() as Sighting; // the line above waited for it
  }
}
