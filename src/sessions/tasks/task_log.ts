/** The history of a task on its way to the store: what comes while the store is busy goes there together, in order. @module */
import { systemClock } from "../../core/clock.ts";
import { redactText } from "../../core/redact.ts";
import type { TaskEvent } from "../../core/task.ts";
import type { SessionRecord } from "../record.ts";
import type { Said } from "./agent_parser.ts";

/** Whoever reads an agent's output waits while more than this is not stored, in characters. */
const MAX_WAITING_CHARS = 256 * 1024;
/** Longest text of an event that is looked at, in characters: what the store keeps of one, and room for a secret at its end. */
const MAX_TEXT_CHARS = 66 * 1024;
// deno-lint-ignore no-control-regex -- colours and the like are what this is about
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

export class TaskLog {
  readonly #record: SessionRecord;
  readonly #id: string;
  #waiting: Omit<TaskEvent, "seq">[] = [];
  #waitingChars = 0;
  #storing: Promise<void> | null = null;
  #error: unknown = null;

  constructor(record: SessionRecord, id: string) {
    this.#record = record;
    this.#id = id;
  }

  /** Takes an event; secrets, and what steers a terminal, are taken out of it. */
  add({ kind, text }: Said): void {
    const shown = redactText(text.slice(0, MAX_TEXT_CHARS)).replaceAll(ESCAPES, "");
    this.#waiting.push({ timeUs: systemClock.nowUs(), kind, text: shown });
    this.#waitingChars += shown.length;
    this.#storing ??= this.#store();
  }

  /** Settles when there is room for more. */
  async room(): Promise<void> {
    while (this.#waitingChars > MAX_WAITING_CHARS && this.#storing !== null) await this.#storing;
  }

  /** Settles when everything is stored. @throws what the store said the first time that it refused */
  async flush(): Promise<void> {
    while (this.#storing !== null) await this.#storing;
    if (this.#error !== null) throw this.#error;
  }

  async #store(): Promise<void> {
    await Promise.resolve(); // What is added in this turn goes along.
    const events = this.#waiting;
    this.#waiting = [];
    this.#waitingChars = 0;
    try {
      await this.#record.record("appendTaskEvents", this.#id, events);
    } catch (error) {
      this.#error ??= error; // Told by flush(): the task goes on, its history has a gap.
    }
    this.#storing = this.#waiting.length > 0 ? this.#store() : null;
  }
}
