// deno-lint-ignore-file no-console -- a script; its first line of output is its address
/**
 * What km's ingest is measured against: the plainest server that stores a batch, `serve_ingest_baseline.ts <database>`. No credentials, no
 * checks, no dedupe, no calls, no statistics, no redaction: JSON.parse, and an INSERT for each event in a transaction for each request.
 * @module
 */
import { DatabaseSync } from "node:sqlite";

interface SentEvent {
  readonly id: string;
  readonly time: string;
  readonly correlationId: string;
  readonly server: string;
  readonly direction: string;
  readonly kind: string;
  readonly method: string;
  readonly tool: string;
  readonly rpcId: number;
  readonly sizeBytes: number;
  readonly payload: unknown;
}

if (import.meta.main) {
  const db = new DatabaseSync(Deno.args[0] ?? "baseline.db");
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT, time TEXT, correlation TEXT, server TEXT, direction TEXT,
      kind TEXT, method TEXT, tool TEXT, rpc_id TEXT, size INTEGER, payload TEXT)`);
  const insert = db.prepare(
    `INSERT INTO events (id, time, correlation, server, direction, kind, method, tool, rpc_id, size, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { events } = await request.json() as { events: SentEvent[] }; // as: the load generator's
    db.exec("BEGIN");
    for (const event of events) {
      insert.run(
        event.id,
        event.time,
        event.correlationId,
        event.server,
        event.direction,
        event.kind,
        event.method,
        event.tool,
        String(event.rpcId),
        event.sizeBytes,
        JSON.stringify(event.payload),
      );
    }
    db.exec("COMMIT");
    return Response.json({ accepted: events.length }, { status: 202 });
  });
  console.log(`http://127.0.0.1:${server.addr.port}`);
}
