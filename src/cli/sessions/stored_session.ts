/** A session as the database has it: read without a daemon, and beside one. @module */
import { KmError } from "../../core/error.ts";
import type { Session } from "../../core/session.ts";
import { suggest } from "../../core/suggest.ts";
import type { Database } from "../../store/database.ts";
import { findSession, listSessions } from "../../store/session_reader.ts";
import { noSession } from "../../store/session_writer.ts";
import { withStore } from "../read_store.ts";

/** Names that may be meant. */
const NEWEST = 200;

/** Runs `read` with the session `ref`. @throws {KmError} not_found with what may be meant, ambiguous, store_… */
export async function withStoredSession(
  ref: string,
  read: (session: Session, db: Database) => Promise<number> | number,
): Promise<number> {
  return await withStore((db) => read(findStored(db, ref), db), () => {
    throw noSession(ref);
  });
}

/** @throws {KmError} not_found with what may be meant, ambiguous, store_… */
export function findStored(db: Database, ref: string): Session {
  try {
    return findSession(db, ref);
  } catch (error) {
    if (!(error instanceof KmError) || error.code !== "not_found") throw error;
    const near = suggest(ref, listSessions(db, { limit: NEWEST }).map(({ name }) => name));
    if (near === undefined) throw error;
    throw new KmError("not_found", error.message, { hint: `did you mean "${near}"?`, cause: error });
  }
}
