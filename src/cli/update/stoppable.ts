/** Work that Ctrl-C stops cleanly: it throws, and what it began is taken back. @module */
import { ENDING_SIGNALS, onSignal } from "../../proc/signals.ts";
import { writeError } from "../terminal.ts";

/** Runs `work`; returns 0, or 128 and the number of the signal that stopped it. */
export async function stoppable(work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const stop = new AbortController();
  let code = 0;
  for (const [name, number] of ENDING_SIGNALS) {
    onSignal(name, () => {
      code ||= 128 + number;
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  try {
    await work(stop.signal);
    return 0;
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    writeError("km: stopped, nothing was changed\n");
    return code;
  }
}
