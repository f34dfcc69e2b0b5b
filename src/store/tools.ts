/** What servers offer: tools listed but never called are context paid for nothing. @module */
import { formatTimeUs } from "../core/clock.ts";
import { bytesToHex } from "./codes.ts";
import type { Database } from "./database.ts";

/** A tool that a server listed and nobody called. */
export interface UnusedTool {
  readonly server: string;
  readonly tool: string;
  readonly definitionBytes: number;
  readonly definitionTokens: number;
  /** ISO 8601. */
  readonly lastListed: string;
}

/** What a server's tool definitions weigh in a model's context. */
export interface DefinitionWeight {
  readonly server: string;
  readonly tools: number;
  readonly definitionBytes: number;
  readonly definitionTokens: number;
}

export interface ToolsQuery {
  /** Only what happened from here on, in µs since the Unix epoch. */
  readonly sinceUs: number;
}

/** Tools listed but not called since then, heaviest first. */
export function unusedTools(db: Database, query: ToolsQuery): UnusedTool[] {
  const rows = db.all<{ server: string; tool: string; bytes: number; tokens: number; listed: number }>(
    `SELECT server, tool, definition_bytes AS bytes, definition_tokens AS tokens, last_listed_us AS listed FROM tools
     WHERE last_listed_us >= ?1 AND (last_called_us IS NULL OR last_called_us < ?1)
     ORDER BY definition_tokens DESC, server, tool`,
    query.sinceUs,
  );
  return rows.map((row) => ({
    server: row.server,
    tool: row.tool,
    definitionBytes: row.bytes,
    definitionTokens: row.tokens,
    lastListed: formatTimeUs(row.listed),
  }));
}

/** Weight of the definitions listed since then, by server, heaviest first. */
export function definitionWeights(db: Database, query: ToolsQuery): DefinitionWeight[] {
  return db.all<DefinitionWeight>(
    `SELECT server, count(*) AS tools, sum(definition_bytes) AS "definitionBytes", sum(definition_tokens) AS "definitionTokens"
     FROM tools WHERE last_listed_us >= ? GROUP BY server ORDER BY sum(definition_tokens) DESC, server`,
    query.sinceUs,
  );
}

/** A tool that a server listed, as it was listed last. */
export interface ListedTool {
  readonly server: string;
  readonly tool: string;
  readonly definitionBytes: number;
  readonly definitionTokens: number;
  /** In µs since the Unix epoch. */
  readonly firstListedUs: number;
  readonly lastListedUs: number;
  readonly lastCalledUs: number | null;
  /** When its definition last differed from the one before. */
  readonly changedUs: number | null;
  /** SHA-256 of the definition before, lower-case hex. */
  readonly previousSha256: string | null;
}

/** Every tool that was ever listed. */
export function listedTools(db: Database): ListedTool[] {
  const rows = db.all<Omit<ListedTool, "previousSha256"> & { readonly previous: Uint8Array | null }>(
    `SELECT t.server, t.tool, definition_bytes AS "definitionBytes", definition_tokens AS "definitionTokens",
       first_listed_us AS "firstListedUs", last_listed_us AS "lastListedUs", last_called_us AS "lastCalledUs",
       changed_us AS "changedUs", previous_sha256 AS previous
     FROM tools t LEFT JOIN tool_changes c ON c.server = t.server AND c.tool = t.tool`,
  );
  return rows.map(({ previous, ...tool }) => ({
    ...tool,
    previousSha256: previous === null ? null : bytesToHex(previous),
  }));
}
