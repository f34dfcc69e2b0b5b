/** The audit: who did what to sessions and tasks. It outlives them; when it is full, the oldest goes. @module */
import type { AuditEntry } from "../core/session.ts";
import { formatId } from "./codes.ts";
import type { Database } from "./database.ts";
import { cutLine, cutText, isId, SESSION_LIMITS, sessionIdBytes } from "./session_limits.ts";

/** An entry with its place: later ones have higher numbers. */
export interface StoredAuditEntry extends AuditEntry {
  readonly number: number;
}

/** Stores an entry. Its texts are cut and made printable; that they hold no secret is the caller's to see to. */
export function appendAudit(db: Database, entry: AuditEntry): void {
  db.transaction(() => {
    const row = db.get<{ number: number }>(
      "INSERT INTO session_audit (time_us, who, via, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?) RETURNING number",
      entry.timeUs,
      cutLine(entry.who, SESSION_LIMITS.wordChars),
      cutLine(entry.via, SESSION_LIMITS.wordChars),
      cutLine(entry.action, SESSION_LIMITS.wordChars),
      entry.subject === null ? null : subjectKey(entry.subject),
      cutLine(entry.detail, SESSION_LIMITS.auditDetailChars),
    );
    db.run("DELETE FROM session_audit WHERE number <= ?", Number(row?.number) - SESSION_LIMITS.auditEntries);
  });
}

/** The latest entries first; `before`: the number of the last one of the page before. */
export function listAudit(
  db: Database,
  { limit, before, subject }: {
    readonly limit: number;
    readonly before?: number | undefined;
    /** Only about this session or task, by id. */
    readonly subject?: string | undefined;
  },
): StoredAuditEntry[] {
  const rows = db.all<{
    number: number;
    time_us: number;
    who: string;
    via: string;
    action: string;
    subject: Uint8Array | string | null;
    detail: string;
  }>(
    `SELECT number, time_us, who, via, action, subject, detail FROM session_audit
     WHERE ${subject === undefined ? "?1 IS NULL" : "subject = ?1"} AND (?2 IS NULL OR number < ?2)
     ORDER BY number DESC LIMIT ?3`,
    subject === undefined ? null : subjectKey(subject),
    before ?? null,
    limit,
  );
  return rows.map(({ time_us, subject, ...row }) => ({
    ...row,
    timeUs: time_us,
    subject: subject instanceof Uint8Array ? formatId(subject) : subject,
  }));
}

/** Ids as bytes; what else somebody asked for, as it was written. */
function subjectKey(subject: string): Uint8Array | string {
  return isId(subject) ? sessionIdBytes(subject) : cutText(subject, SESSION_LIMITS.wordChars);
}
