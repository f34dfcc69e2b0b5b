/**
 * The life of a monitored server, as the MCP specification describes it for stdio: the client closes stdin → wait →
 * SIGTERM to the whole process group → wait → SIGKILL. Signals to km end it the same way. @module
 * @see MCP 2025-11-25, Basic/Lifecycle, Shutdown, stdio
 */
import type { EndingWaits } from "../proc/watcher.ts";
import type { Relay } from "../proc/relay.ts";
import { onSignal } from "../proc/signals.ts";
import type { ServerExit } from "../proc/server_exit.ts";

/** Signals that ask km to end: forwarded, then made sure of. */
const ENDING_SIGNALS: readonly Deno.Signal[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];
/** Signals that only pass through. */
const PASSED_SIGNALS: readonly Deno.Signal[] = ["SIGUSR1", "SIGUSR2"];
/** How often the parent is looked at. A client that died with its pipe held open by another is noticed this late. */
const PARENT_CHECK_MS = 1000;

/** What supervision depends on. */
export interface SuperviseOptions {
  readonly waits: EndingWaits;
  /** Says whether the parent process has gone; null where it cannot be asked. */
  readonly parentGone: (() => boolean) | null;
}

/** How it ended. */
export interface Ended {
  readonly exit: ServerExit;
  /** What began the end, and what it took: for the record. */
  readonly reason: string;
}

/**
 * Sees the server through to its end. Resolves when it has ended and everything deliverable is delivered. Signals stay caught from then on: the
 * recorder still writes what is queued (bounded, 5 s), and a client's second SIGTERM must not cost the record.
 */
export async function supervise(relay: Relay, options: SuperviseOptions): Promise<Ended> {
  const ending = new Ending(relay, options.waits);
  forwardSignals(relay, ending);
  const stopWatch = watchParent(options.parentGone, () => {
    ending.say("the client process is gone");
    relay.closeInput();
  });
  void relay.clientEof.then((timeMs) => ending.afterEof(timeMs));
  try {
    relay.run();
    // A relay that fails is told at once, not when the server happens to end.
    const exit = await Promise.race([relay.exited, relay.done.then(() => relay.exited)]);
    ending.serverExited(performance.timeOrigin + performance.now());
    await relay.done;
    return { exit, reason: ending.reason };
  } finally {
    ending.stop();
    stopWatch();
  }
}

/** Escalates, one step at a time. */
class Ending {
  readonly #relay: Relay;
  readonly #waits: EndingWaits;
  readonly #steps: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun = false;
  #exitedMs = Infinity;
  #signalled = false;

  constructor(relay: Relay, waits: EndingWaits) {
    this.#relay = relay;
    this.#waits = waits;
  }

  get reason(): string {
    return this.#steps.length === 0 ? "the server exited" : this.#steps.join(", ");
  }

  say(step: string): void {
    this.#steps.push(step);
  }

  /** The client closed stdin at `timeMs`: the server has `graceMs` to end by itself. */
  afterEof(timeMs: number): void {
    // The word of the relay's thread may arrive after that of the server's end, which it caused.
    if (this.#steps.length === 0 && timeMs <= this.#exitedMs) this.say("the client closed stdin");
    if (this.#exitedMs < Infinity || this.#begun) return;
    this.#begun = true;
    this.#after(this.#waits.graceMs, () => this.#terminate());
  }

  /** km got `signal`, and has forwarded it. */
  afterSignal(signal: Deno.Signal): void {
    this.#signalled = true;
    if (this.#exitedMs < Infinity) return this.#relay.finish();
    this.say(`km got ${signal}`);
    this.#begun = true;
    if (signal === "SIGTERM") this.#after(this.#waits.killAfterMs, () => this.#kill());
    else this.#after(this.#waits.graceMs, () => this.#terminate());
  }

  /** A client that asked by signal does not wait for ever for what it does not read. */
  serverExited(timeMs: number): void {
    this.#exitedMs = timeMs;
    this.stop();
    if (this.#signalled) this.#after(this.#waits.killAfterMs, () => this.#relay.finish());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #terminate(): void {
    this.say("SIGTERM to the group");
    this.#relay.signalGroup("SIGTERM");
    this.#after(this.#waits.killAfterMs, () => this.#kill());
  }

  #kill(): void {
    this.say("SIGKILL to the group");
    this.#relay.signalGroup("SIGKILL");
  }

  #after(waitMs: number, step: () => void): void {
    this.stop();
    this.#timer = setTimeout(step, waitMs);
  }
}

function forwardSignals(relay: Relay, ending: Ending): void {
  for (const signal of ENDING_SIGNALS) {
    onSignal(signal, () => {
      relay.signalGroup(signal);
      ending.afterSignal(signal);
    });
  }
  for (const signal of PASSED_SIGNALS) onSignal(signal, () => void relay.signalGroup(signal));
}

/** Calls `onGone` once when the parent has died, and somebody else has adopted km. */
function watchParent(parentGone: (() => boolean) | null, onGone: () => void): () => void {
  if (parentGone === null) return () => {};
  const timer = setInterval(() => {
    if (!parentGone()) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  return () => clearInterval(timer);
}
