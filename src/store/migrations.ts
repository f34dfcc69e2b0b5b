/** The schema, as the list of steps that made it. Append only: a step that was released is never edited. @module */

/** One step of the schema. Its version is its place in the list, from 1. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * The tables and why they are so:
 *
 * - `runs` may share a correlation id: whoever gives one names several runs by it. `km_pid`, `km_start` and
 *   `km_host` say which process records; a pid of 0 means that events are sent over the API, by the key in `km_host`.
 * - `events` is keyed by `seq`, the order of recording. Everything that repeats from event to event (run, direction, kind, method,
 *   tool) is one `shape`, so a row is small and needs no index of its own but that of its id. A request's row carries its call.
 * - `blocks` hold the small payloads of consecutive events, packed and compressed together; the block of an event is the last one
 *   that starts at or before it. The index on `last_us` also counts events without touching the data.
 * - `payloads` hold large payloads, each once, by SHA-256 and counted.
 * - `rollups` hold calls per minute (span 60), hour (3600) and day (86400); `traffic` holds messages, and which seqs a minute spans,
 *   which turns a time range into a range of seqs.
 * - `search` (words) and `shape_blocks` (shapes) say in which blocks something occurs. They are filled in the background.
 * - `tool_changes` says when a tool's definition last changed, and from what. A table and a trigger of its own, so that a `km monitor`
 *   that began before the update goes on writing `tools` as it knows them.
 * - `rollup_versions` grows with each change of the calls of a quarter of an hour (span 900), hour or day, so that readers may keep
 *   what they have read.
 * - `meta` holds numbers: `indexed_seq` (search is filled up to here), `removed_seq` (the last one removed),
 *   `dictionary` (grows when shapes were removed),
 *   `kept_from_60` and `kept_from_3600` (minutes and hours before this were removed, in s since the Unix epoch).
 * - `sessions` are keyed by their `number`, which is never used again (hence AUTOINCREMENT) and is what the other tables say: 1 to 3 bytes in
 *   place of 16. Among those that run, a name is unique. `first_cols` and `first_rows` are the size that it began with.
 * - `session_states` (history), `session_commands` (queue and past) and `session_output` belong to a session and go with it. Their numbers
 *   are the order of writing. A chunk of output holds the bytes from `first_seq` to before `end_seq`; it may hold none, but a new size. The size
 *   before and after it is in its row, so that what follows can be drawn when it is gone. The index answers what needs no data.
 * - `session_audit` says who did what; `subject` is the id of a session or task, and outlives it.
 * - `tasks` are keyed like sessions. A `key` of the sender's is unique. `task_events` count up from 1 in each task; `event_bytes` sums their texts.
 * - `plugin_findings`, `plugin_metrics` (by day) and `plugin_annotations` hold what plugins gave back. `plugin_emit_ids` remembers the
 *   latest ids, so that a batch sent again counts once; `plugin_dropped` counts what a plugin sent too much of.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: "m001_events",
    sql: `
      CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO meta VALUES ('indexed_seq', 0), ('dictionary', 0), ('removed_seq', 0), ('kept_from_60', 0), ('kept_from_3600', 0);

      CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        correlation TEXT NOT NULL,
        server TEXT NOT NULL,
        command TEXT NOT NULL,
        cwd TEXT,
        pid INTEGER NOT NULL,
        started_us INTEGER NOT NULL,
        ended_us INTEGER,
        exit_code INTEGER,
        client TEXT,
        client_version TEXT,
        server_title TEXT,
        server_version TEXT,
        protocol_version TEXT,
        km_pid INTEGER NOT NULL,
        km_start TEXT NOT NULL,
        km_host TEXT NOT NULL,
        UNIQUE (correlation, server, started_us, km_pid, km_host)
      ) STRICT;
      CREATE INDEX runs_not_ended ON runs (id) WHERE ended_us IS NULL;

      CREATE TABLE shapes (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        direction INTEGER,
        kind INTEGER NOT NULL,
        method TEXT,
        tool TEXT
      ) STRICT;
      CREATE INDEX shapes_by_run ON shapes (run, kind, method, tool);

      CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        time_us INTEGER NOT NULL,
        shape INTEGER NOT NULL,
        flags INTEGER NOT NULL,
        size INTEGER NOT NULL,
        rpc_id TEXT,
        counterpart INTEGER,
        duration_us INTEGER,
        outcome INTEGER,
        response_bytes INTEGER,
        tokens INTEGER,
        payload INTEGER,
        id_at INTEGER,
        operation BLOB,
        sha256 BLOB
      ) STRICT;
      CREATE INDEX calls_not_ok ON events (outcome, seq) WHERE outcome <> 1;

      CREATE TABLE blocks (
        first_seq INTEGER PRIMARY KEY,
        last_seq INTEGER NOT NULL,
        first_us INTEGER NOT NULL,
        last_us INTEGER NOT NULL,
        events INTEGER NOT NULL,
        size INTEGER NOT NULL,
        large INTEGER NOT NULL,
        compressed INTEGER NOT NULL,
        data BLOB NOT NULL
      ) STRICT;
      CREATE INDEX blocks_by_time ON blocks (last_us, first_us, events);

      CREATE TABLE shape_blocks (
        shape INTEGER NOT NULL,
        block INTEGER NOT NULL,
        PRIMARY KEY (shape, block)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE payloads (
        id INTEGER PRIMARY KEY,
        sha256 BLOB NOT NULL UNIQUE,
        refs INTEGER NOT NULL,
        compressed INTEGER NOT NULL,
        data BLOB NOT NULL
      ) STRICT;

      CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        client TEXT,
        method TEXT NOT NULL,
        tool TEXT,
        outcome INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX series_by_key ON series (server, method, tool, outcome);

      CREATE TABLE rollups (
        span INTEGER NOT NULL,
        start INTEGER NOT NULL,
        series INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        request_bytes INTEGER NOT NULL,
        response_bytes INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        last_us INTEGER NOT NULL,
        latency BLOB NOT NULL,
        PRIMARY KEY (span, start, series)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE traffic (
        span INTEGER NOT NULL,
        start INTEGER NOT NULL,
        server TEXT NOT NULL,
        events INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        PRIMARY KEY (span, start, server)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE tools (
        server TEXT NOT NULL,
        tool TEXT NOT NULL,
        definition_bytes INTEGER NOT NULL,
        definition_tokens INTEGER NOT NULL,
        sha256 BLOB NOT NULL,
        first_listed_us INTEGER NOT NULL,
        last_listed_us INTEGER NOT NULL,
        last_called_us INTEGER,
        PRIMARY KEY (server, tool)
      ) STRICT, WITHOUT ROWID;

      CREATE VIRTUAL TABLE search USING fts5(
        words, content = '', contentless_delete = 1, detail = none,
        tokenize = 'unicode61 remove_diacritics 0'
      );
    `,
  },
  {
    name: "m002_changes",
    sql: `
      CREATE TABLE tool_changes (
        server TEXT NOT NULL,
        tool TEXT NOT NULL,
        changed_us INTEGER NOT NULL,
        previous_sha256 BLOB NOT NULL,
        PRIMARY KEY (server, tool)
      ) STRICT, WITHOUT ROWID;
      CREATE TRIGGER tools_changed AFTER UPDATE OF sha256 ON tools WHEN new.sha256 <> old.sha256 BEGIN
        INSERT INTO tool_changes VALUES (new.server, new.tool, new.last_listed_us, old.sha256)
        ON CONFLICT DO UPDATE SET changed_us = excluded.changed_us, previous_sha256 = excluded.previous_sha256;
      END;
      CREATE TRIGGER tools_deleted AFTER DELETE ON tools BEGIN
        DELETE FROM tool_changes WHERE server = old.server AND tool = old.tool;
      END;

      CREATE TABLE rollup_versions (
        span INTEGER NOT NULL,
        start INTEGER NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (span, start)
      ) STRICT, WITHOUT ROWID;

      CREATE INDEX runs_by_server ON runs (server, started_us);
    `,
  },
  {
    name: "m003_sent_runs",
    sql: `
      DROP INDEX runs_not_ended;
      CREATE INDEX runs_not_ended ON runs (id) WHERE ended_us IS NULL AND km_pid <> 0;
    `,
  },
  {
    name: "m004_plugin_emits",
    sql: `
      CREATE TABLE plugin_emit_ids (
        number INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        plugin TEXT NOT NULL
      ) STRICT;
      CREATE INDEX plugin_emit_ids_by_plugin ON plugin_emit_ids (plugin, number);

      CREATE TABLE plugin_findings (
        plugin TEXT NOT NULL,
        key TEXT NOT NULL,
        version TEXT NOT NULL,
        severity TEXT NOT NULL,
        title TEXT NOT NULL,
        detail TEXT NOT NULL,
        server TEXT,
        tool TEXT,
        event BLOB,
        first_us INTEGER NOT NULL,
        last_us INTEGER NOT NULL,
        times INTEGER NOT NULL,
        PRIMARY KEY (plugin, key)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE plugin_metrics (
        plugin TEXT NOT NULL,
        name TEXT NOT NULL,
        start INTEGER NOT NULL,
        unit TEXT NOT NULL,
        last REAL NOT NULL,
        count INTEGER NOT NULL,
        sum REAL NOT NULL,
        min REAL NOT NULL,
        max REAL NOT NULL,
        last_us INTEGER NOT NULL,
        PRIMARY KEY (plugin, name, start)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE plugin_annotations (
        event BLOB NOT NULL,
        plugin TEXT NOT NULL,
        key TEXT NOT NULL,
        version TEXT NOT NULL,
        value TEXT NOT NULL,
        time_us INTEGER NOT NULL,
        PRIMARY KEY (event, plugin, key)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX plugin_annotations_by_plugin ON plugin_annotations (plugin, time_us);

      CREATE TABLE plugin_dropped (
        plugin TEXT PRIMARY KEY,
        findings INTEGER NOT NULL,
        metrics INTEGER NOT NULL,
        annotations INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "m005_sessions",
    sql: `
      CREATE TABLE sessions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        provider TEXT NOT NULL,
        command TEXT NOT NULL,
        cwd TEXT NOT NULL,
        full_access INTEGER NOT NULL,
        state TEXT NOT NULL,
        state_reason TEXT NOT NULL,
        state_source TEXT NOT NULL,
        state_since_us INTEGER NOT NULL,
        created_us INTEGER NOT NULL,
        ended_us INTEGER,
        exit_code INTEGER,
        exit_signal TEXT,
        cols INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        first_cols INTEGER NOT NULL,
        first_rows INTEGER NOT NULL,
        title TEXT NOT NULL,
        pid INTEGER,
        resume_id TEXT,
        resumed_from BLOB,
        created_by TEXT NOT NULL,
        seq INTEGER NOT NULL,
        seen INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX sessions_live ON sessions (name) WHERE state NOT IN ('exited', 'lost');
      CREATE INDEX sessions_by_name ON sessions (name, number);
      CREATE INDEX sessions_ended ON sessions (ended_us) WHERE ended_us IS NOT NULL;

      CREATE TABLE session_states (
        number INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        source TEXT NOT NULL,
        time_us INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX session_states_by_session ON session_states (session, number);

      CREATE TABLE session_commands (
        number INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        by TEXT NOT NULL,
        queued_us INTEGER NOT NULL,
        delivered_us INTEGER,
        ended_us INTEGER,
        outcome TEXT,
        UNIQUE (session, id)
      ) STRICT;
      CREATE INDEX session_commands_by_session ON session_commands (session, number);
      CREATE INDEX session_commands_open ON session_commands (session, number) WHERE state IN ('queued', 'delivered');

      CREATE TABLE session_output (
        number INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        end_seq INTEGER NOT NULL,
        first_us INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        cols INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        end_cols INTEGER NOT NULL,
        end_rows INTEGER NOT NULL,
        compressed INTEGER NOT NULL,
        data BLOB NOT NULL
      ) STRICT;
      CREATE INDEX session_output_by_session ON session_output (session, number, first_seq, end_seq, bytes);

      CREATE TABLE session_audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time_us INTEGER NOT NULL,
        who TEXT NOT NULL,
        via TEXT NOT NULL,
        action TEXT NOT NULL,
        subject ANY,
        detail TEXT NOT NULL
      ) STRICT;
      CREATE INDEX session_audit_by_subject ON session_audit (subject, number) WHERE subject IS NOT NULL;

      CREATE TABLE tasks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        key TEXT UNIQUE,
        provider TEXT NOT NULL,
        prompt TEXT NOT NULL,
        cwd TEXT NOT NULL,
        full_access INTEGER NOT NULL,
        model TEXT,
        args TEXT NOT NULL,
        timeout_ms INTEGER,
        keeps_session INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        created_us INTEGER NOT NULL,
        started_us INTEGER,
        ended_us INTEGER,
        attempts INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        session BLOB,
        conversation TEXT,
        result TEXT,
        exit_code INTEGER,
        input_tokens INTEGER,
        output_tokens INTEGER,
        turns INTEGER,
        cost_micro_usd INTEGER,
        duration_ms INTEGER,
        event_bytes INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX tasks_open ON tasks (state, number) WHERE state IN ('queued', 'running');
      CREATE INDEX tasks_ended ON tasks (ended_us) WHERE ended_us IS NOT NULL;

      CREATE TABLE task_events (
        number INTEGER PRIMARY KEY,
        task INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        time_us INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (task, seq)
      ) STRICT;
    `,
  },
];

/** The schema version that this km writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
