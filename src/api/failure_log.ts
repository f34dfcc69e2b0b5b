/** Tells the daemon's log why a request failed: what its sender is not told. A cause that comes again and again is told once a second. @module */
import { redactText } from "../core/redact.ts";
import { describeFailure } from "./errors.ts";

const EVERY_MS = 1000;
/** Causes that are remembered; the one that was told longest ago is forgotten first. */
const MAX_CAUSES = 100;

/** Which request it was: never its path or query, which come from outside. */
export interface FailedRequest {
  readonly method: string;
  /** Pattern of the route; null: it came to none. */
  readonly route: string | null;
}

interface Told {
  readonly atMs: number;
  /** How often it came since. */
  more: number;
}

export class FailureLog {
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  readonly #told = new Map<string, Told>();

  constructor(write: (line: string) => void, nowMs: () => number = () => performance.now()) {
    this.#write = write;
    this.#nowMs = nowMs;
  }

  /** Adds a line for what is km's fault or the machine's (5xx); what the sender did wrong is the sender's to hear. */
  add(error: unknown, { method, route }: FailedRequest): void {
    const { status, code } = describeFailure(error);
    if (status < 500) return;
    const cause = `${code}: ${redactText(causeOf(error))}`;
    const told = this.#told.get(cause);
    if (told && this.#nowMs() - told.atMs < EVERY_MS) {
      told.more++;
      return;
    }
    this.#told.delete(cause);
    this.#told.set(cause, { atMs: this.#nowMs(), more: 0 });
    if (this.#told.size > MAX_CAUSES) this.#told.delete(this.#told.keys().next().value ?? "");
    const more = told && told.more > 0 ? ` (and ${told.more} more of it since the last such line)` : "";
    this.#write(`${method} ${route ?? "(no route)"} failed with ${status} ${cause}${more}`);
  }
}

/** The whole chain of causes on one line; of what km did not expect also where it was thrown. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = "code" in error;
  const place = /^\s+at (.+)$/m.exec(error.stack ?? "")?.[1];
  const what = isExpected ? error.message : `${error.name}: ${error.message}`;
  const where = isExpected || place === undefined ? "" : ` (${place})`;
  const why = error.cause === undefined || error.cause === null ? "" : `; ${causeOf(error.cause)}`;
  return (what + where + why).replaceAll(/\s*\n\s*/g, " ");
}
