/** Writes down who did what to sessions and tasks. @module */
import { systemClock } from "../core/clock.ts";
import type { AuditEntry } from "../core/session.ts";
import type { SessionRecord } from "./record.ts";
import type { Caller } from "./start_options.ts";

/** What was done, and to what. */
export type AuditedAction = Pick<AuditEntry, "action" | "subject" | "detail">;

/** Settles when it is committed. @throws {KmError} store_… */
export async function writeAudit(record: SessionRecord, caller: Caller, done: AuditedAction): Promise<void> {
  const { name: who, via } = caller;
  await record.record("appendAudit", { timeUs: systemClock.nowUs(), who, via, ...done });
}
