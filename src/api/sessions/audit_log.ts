/** The audit of what only the API knows of: tokens, keys that were typed, and who was refused. @module */
import type { SessionRecord } from "../../sessions/record.ts";
import type { Caller } from "../../sessions/start_options.ts";
import { type AuditedAction, writeAudit } from "../../sessions/write_audit.ts";
import type { Timer } from "../body.ts";

/** Refusals of one address are written down this often at most, in ms: an attacker must not fill the audit. */
const REFUSAL_EVERY_MS = 60_000;
const MAX_ADDRESSES = 1000;

interface Refusals {
  lastMs: number;
  untold: number;
}

export class AuditLog {
  readonly #record: SessionRecord;
  readonly #timer: Pick<Timer, "nowMs">;
  readonly #refusals = new Map<string, Refusals>();

  constructor(record: SessionRecord, timer: Pick<Timer, "nowMs">) {
    this.#record = record;
    this.#timer = timer;
  }

  /** @throws {KmError} store_… */
  async add(caller: Caller, done: AuditedAction): Promise<void> {
    await writeAudit(this.#record, caller, done);
  }

  /** As `add`, for what was done already: that it could not be written down changes nothing about it. */
  async note(caller: Caller, done: AuditedAction): Promise<void> {
    await this.add(caller, done).catch(() => {}); // The store says so itself, in the daemon's log.
  }

  /** Somebody at `address` was not who they should be. */
  refused(address: string, detail: string): void {
    const nowMs = this.#timer.nowMs();
    const known = this.#refusals.get(address);
    if (known && nowMs - known.lastMs < REFUSAL_EVERY_MS) {
      known.untold++;
      return;
    }
    this.#refusals.delete(address);
    this.#refusals.set(address, { lastMs: nowMs, untold: 0 });
    if (this.#refusals.size > MAX_ADDRESSES) this.#refusals.delete(this.#refusals.keys().next().value ?? "");
    const more = known && known.untold > 0 ? `; ${known.untold} more before that were not written down` : "";
    const who = { name: address || "unknown", via: "socket" };
    void this.note(who, { action: "auth.refused", subject: null, detail: `${detail}${more}` });
  }
}
