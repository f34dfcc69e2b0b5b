/**
 * What km must do, one sentence each, with where it is asked for. Tests name the ids they prove with `verifies()`;
 * `requirements_test.ts` fails on an id without proof.
 *
 * Sources: `§n` is a section of the issue "km monitor"; `failure mode n` is the n-th of the known ways in which stdio proxies fail (below); `MCP <revision>` is
 * the Model Context Protocol specification. An entry with `later` belongs to a coming issue and needs no proof yet.
 * @module
 */
import type { Requirement } from "./requirement.ts";
import { ONE_FILE_REQUIREMENTS } from "./requirements_one_file.ts";
import { PLUGIN_REQUIREMENTS } from "./requirements_plugins.ts";
import { SERVE_REQUIREMENTS } from "./requirements_serve.ts";
import { SESSION_REQUIREMENTS } from "./requirements_sessions.ts";

export type RequirementId = keyof typeof REQUIREMENTS;

export const REQUIREMENTS = {
  ...SERVE_REQUIREMENTS,
  ...ONE_FILE_REQUIREMENTS,
  ...PLUGIN_REQUIREMENTS,
  ...SESSION_REQUIREMENTS,

  // The repository
  "repo-two-commands": {
    sentence:
      "From a clone, `npx -y deno@2.9.6 task demo` and `… task test` work with Node and npm, an empty HOME and no global Deno.",
    source: "§1",
  },
  "repo-skips-counted": {
    sentence:
      "A test that lacks something on this machine is skipped with one plain line, counted, and listed at the end.",
    source: "§1",
  },
  "repo-installs-what-is-missing": {
    sentence: "The test command installs what tests need when it can (root on Debian).",
    source: "§1",
  },
  "repo-ci-count-line": {
    sentence: "`.ci/run` closes with `N passed, N failed, N skipped`, counted from the runner's own report.",
    source: "§1",
  },
  "repo-rooms-static-import": {
    sentence: "A static import into a forbidden room is refused.",
    source: "§1; ARCHITECTURE, one law",
  },
  "repo-rooms-dynamic-import": {
    sentence: "A dynamic import of a forbidden room is refused.",
    source: "§1; ARCHITECTURE, one law",
  },
  "repo-rooms-type-only-import": {
    sentence: "A type-only import from a forbidden room is refused.",
    source: "§1; ARCHITECTURE, one law",
  },
  "repo-rooms-re-export": {
    sentence: "A re-export from a forbidden room is refused.",
    source: "§1; ARCHITECTURE, one law",
  },
  "repo-rooms-worker": {
    sentence: "A worker or a resolved URL that points into a forbidden room is refused.",
    source: "§1; ARCHITECTURE, one law",
  },
  "repo-rooms-owners": {
    sentence:
      "Each outside thing has one owner: environment config, processes and FFI proc, SQL store, console and exit cli, HTTP api.",
    source: "§1; ARCHITECTURE, one law",
  },
  "repo-strict-compiler": {
    sentence: "Compiler options are strict and leak sanitizers are on.",
    source: "§1; style",
  },
  "repo-start-path-small": {
    sentence: "The start path of `km monitor` loads no npm package and no database.",
    source: "§3; ARCHITECTURE",
  },
  "repo-errors-form": {
    sentence: "An error is shown as `km: error: …` and `km: hint: …` on stderr.",
    source: "§1; style 16",
  },
  "repo-exit-codes": {
    sentence: "Exit codes are stable by error code and listed in the README.",
    source: "§1; style 16",
  },
  "repo-readme": {
    sentence:
      "The README has both commands, the configuration of four clients, measured overhead with its command, and what is stored where and how to delete it.",
    source: "§8",
  },

  // km monitor: starting a server
  "monitor-drop-in": {
    sentence:
      "When the first word is no km command it is the command to monitor; flags after it belong to the server.",
    source: "§2",
  },
  "monitor-double-dash": {
    sentence: "`km monitor [flags] [--server] -- <command> [args…]` runs the command.",
    source: "§2",
  },
  "monitor-did-you-mean": {
    sentence: 'A typo of a km command that is not on PATH gets "did you mean", not a monitor error.',
    source: "§2",
  },
  "monitor-command-not-found": {
    sentence: "A command that is not found ends with exit 127 and a hint that names PATH.",
    source: "§2",
  },
  "monitor-command-not-executable": {
    sentence: "A command that is not executable ends with exit 126.",
    source: "§2",
  },
  "monitor-windows-shims": {
    sentence: "On Windows, PATHEXT and `.cmd` shims are resolved and quoted (pure argument building).",
    source: "§2",
  },
  "monitor-name-flag": { sentence: "`--name` names the server.", source: "§2" },
  "monitor-name-derived": {
    sentence: "Without `--name`, the name comes from the command: `npx -y @scope/server-x` is `server-x`.",
    source: "§2",
  },
  "monitor-correlation-id": {
    sentence: "`--correlation-id` names the run; otherwise it is a UUIDv7, one per run.",
    source: "§2",
  },
  "monitor-buffer-size": {
    sentence:
      "`--buffer-size` is the most that is stored of one message; the rest is kept as size, sha256 and `truncated`.",
    source: "§2",
  },
  "monitor-output-console": {
    sentence: "`--output console` shows one readable line per message on stderr.",
    source: "§2",
  },
  "monitor-output-json": { sentence: "`--output json` writes one event per line on stderr.", source: "§2" },
  "monitor-no-record": { sentence: "`--no-record` stores nothing.", source: "§2" },
  "monitor-sizes": {
    sentence: "Sizes accept `512KB`, `2MB`, `1MiB` and plain bytes; anything else is a clear error.",
    source: "§2",
  },
  "monitor-quiet": {
    sentence: "stdout carries only the server's bytes, and km says nothing on stderr by default.",
    source: "§2",
  },

  // Lifecycle
  "lifecycle-eof-escalation": {
    sentence:
      "Client closes stdin: km closes the server's stdin, waits, sends SIGTERM to the group, waits, sends SIGKILL to the group.",
    source: "§2; MCP 2025-11-25, Lifecycle, Shutdown, stdio",
  },
  "lifecycle-in-flight-delivered": {
    sentence: "Answers still in flight are delivered before km exits.",
    source: "§2",
  },
  "lifecycle-idle-exit": {
    sentence: "A server that exits while the client is idle ends km at once with the same code.",
    source: "§2",
  },
  "lifecycle-signal-status": {
    sentence: "A server killed by signal n makes km end with the same status (128+n at least).",
    source: "§2",
  },
  "lifecycle-signals-forwarded": {
    sentence: "SIGTERM, SIGINT and SIGHUP to km are forwarded and end the same way.",
    source: "§2",
  },
  "lifecycle-parent-death": {
    sentence: "km killed with SIGKILL: the server and its grandchildren end too.",
    source: "§2",
  },
  "lifecycle-no-orphan": {
    sentence: "No orphan is left, with `npx` → `node` chains and servers that ignore EOF included.",
    source: "§2",
  },

  // The relay
  "relay-bytes-unchanged": {
    sentence:
      "CRLF, blank lines, BOM, invalid UTF-8, NUL, non-JSON, no final newline and split characters pass unchanged both ways.",
    source: "§2",
  },
  "relay-256-mb-line": {
    sentence: "A single line of 256 MB passes; the data path has no size limit.",
    source: "§2",
  },
  "relay-stderr-unchanged": {
    sentence: "The server's stderr reaches the client unchanged and never blocks the server.",
    source: "§2",
  },
  "relay-backpressure": {
    sentence: "A side that stops reading stalls only its own direction; memory stays flat.",
    source: "§2",
  },
  "relay-portable": {
    sentence: "The portable relay, forced by `KM_RELAY=portable`, passes the same tests.",
    source: "§3",
  },
  "relay-random-cuts": {
    sentence:
      "Random bytes cut at random places arrive with equal sha256 in both directions, and the events are equal whatever the cuts.",
    source: "§8",
  },
  "relay-sigstop": { sentence: "SIGSTOP of either side loses no byte and no record.", source: "§8" },
  "relay-bench": {
    sentence:
      "`deno task bench:relay` measures km against direct, the C relay, tee, supergateway and mcp-proxy in one interleaved run.",
    source: "§3",
  },

  // The recorder
  "recorder-json-rpc": {
    sentence: "Requests, responses, notifications, errors, batches and malformed lines are each recognised.",
    source: "§4; JSON-RPC 2.0",
  },
  "recorder-pairing": {
    sentence: "Request and response are paired by direction, id type and id; both sides may ask.",
    source: "§4",
  },
  "recorder-outcomes": {
    sentence:
      "A call is open, ok, error, tool_error, cancelled, late or hung; `isError` in a result is a failure.",
    source: "§4",
  },
  "recorder-duration": {
    sentence: "The duration of a call is measured from request to response.",
    source: "§4",
  },
  "recorder-stderr-log": {
    sentence: "The server's stderr is recorded line by line as `log` events.",
    source: "§2",
  },
  "recorder-era-2025": {
    sentence:
      "2024-11-05 … 2025-11-25 are understood: initialize, ping, sampling, elicitation, roots, tasks.",
    source: "§4; MCP 2025-11-25",
  },
  "recorder-era-2026": {
    sentence: "2026-07-28 is understood: server/discover, `_meta` protocol keys, `resultType`.",
    source: "§4; MCP 2026-07-28",
  },
  "recorder-mrtr-link": {
    sentence:
      "A retry is linked by byte-equal `requestState`, else by method, name and full key set with exactly one candidate; never guessed.",
    source: "§4; MCP 2026-07-28, SEP-2322",
  },
  "recorder-discover-32601": {
    sentence: "`-32601` to `server/discover` is normal, not a failure.",
    source: "§4; MCP 2026-07-28",
  },
  "recorder-identities": {
    sentence: "Names and versions of client and server are taken from what they say.",
    source: "§4",
  },
  "recorder-gap": {
    sentence:
      "Beyond the bounded queue copies are dropped and a `gap` event says exactly how many messages and bytes.",
    source: "§4",
  },
  "recorder-no-drop-at-20k": {
    sentence: "20,000 messages/s of 600 bytes for 30 s drop nothing.",
    source: "§4",
  },
  "recorder-database-locked": {
    sentence:
      "A database locked by someone else for 30 s delays not one byte, and what could be kept is written afterwards.",
    source: "§4",
  },
  "recorder-disk-full": {
    sentence: "A full disk delays not one byte, and what could be kept is written afterwards.",
    source: "§4",
  },
  "recorder-read-only-home": { sentence: "A read-only home delays not one byte.", source: "§4" },
  "recorder-flush-on-exit": {
    sentence: "Everything queued is written before km ends, within 5 s.",
    source: "§4",
  },
  "recorder-kill-9": {
    sentence: "After kill -9 at most the last 200 ms are missing and the database is sound.",
    source: "§4",
  },

  // Redaction
  "redact-known-keys": {
    sentence: "Known key formats, JWTs and PEM blocks are redacted before anything is stored or printed.",
    source: "§4",
  },
  "redact-authorization": {
    sentence: "`Authorization` values and credentials in URLs are redacted.",
    source: "§4",
  },
  "redact-json-fields": {
    sentence: "JSON fields named like secrets are redacted, and the JSON stays valid.",
    source: "§4",
  },
  "redact-own-secrets": { sentence: "Every secret km itself holds is redacted.", source: "§4" },
  "redact-command-line": {
    sentence: "The command line and the environment of the server are redacted.",
    source: "§4",
  },
  "redact-off": {
    sentence: "`--redact off` stores as it came, and its help says what that means.",
    source: "§4",
  },
  "redact-speed": { sentence: "Redaction is one pass at 100 MB/s or more.", source: "§4" },

  // The store
  "store-permissions": {
    sentence: "`$KM_HOME` (default `~/.km`) is 0700 and its files are 0600.",
    source: "§5",
  },
  "store-migrations": {
    sentence: "Migrations are append-only and a table says which have run.",
    source: "§5",
  },
  "store-newer-refused": {
    sentence: "A newer database is refused with a clear error and not touched.",
    source: "§5",
  },
  "store-many-writers": { sentence: "Many km processes write one database at once.", source: "§5" },
  "store-idempotent": {
    sentence: "Writing the same event id twice is the same as once.",
    source: "ARCHITECTURE, how data flows",
  },
  "store-compression": { sentence: "Large payloads are compressed, small ones plain.", source: "§5" },
  "store-dedup": { sentence: "Equal payloads are stored once, by content hash.", source: "§5" },
  "store-rollups": {
    sentence:
      "Minute and day rollups with a latency histogram are kept in the same transaction as the events.",
    source: "§5",
  },
  "store-search": {
    sentence: "Full-text search over payloads is indexed in the background, never on the insert path.",
    source: "§5",
  },
  "store-retention": {
    sentence: "`retention.days` (default 7) and `retention.maxBytes` are applied in small steps.",
    source: "§5",
  },
  "store-bench": {
    sentence: "`deno task bench:store` measures inserts, reads at 5 million events, and bytes per message.",
    source: "§5",
  },

  // Reading it back
  "read-json-contract": {
    sentence:
      "Every reading command takes `--json`: one object per line for lists, with the documented fields.",
    source: "§6",
  },
  "read-tables": { sentence: "Tables fit the terminal; colours only on one.", source: "§6" },
  "read-events-filters": {
    sentence:
      "`km events` filters by time, server, method, tool, kind, direction, correlation and search text.",
    source: "§6",
  },
  "read-events-follow": { sentence: "`km events --follow` shows events as they are written.", source: "§6" },
  "read-calls": {
    sentence: "`km calls` shows paired operations: method, tool, outcome, duration, bytes in and out.",
    source: "§6",
  },
  "read-show": {
    sentence: "`km show <id>` shows one event with its counterpart; a unique prefix is enough.",
    source: "§6",
  },
  "read-stats": {
    sentence:
      "`km stats` shows calls, errors, error rate, p50/p95/p99, bytes, tokens, last used and a sparkline per row.",
    source: "§6",
  },
  "read-stats-unused-tools": {
    sentence: "`km stats` shows tools listed but never called, and what their definitions weigh.",
    source: "§6",
  },
  "read-export-jsonl": { sentence: "`km export --format jsonl` writes the events.", source: "§6" },
  "read-export-csv": {
    sentence: "`km export --format csv` writes a table a spreadsheet opens.",
    source: "§6",
  },
  "read-export-har": {
    sentence: "`km export --format har` opens in a browser's viewer.",
    source: "§6; HAR 1.2",
  },
  "read-export-otlp": {
    sentence: "`km export --format otlp-json` uses the names of the MCP semantic conventions.",
    source: "§6; OpenTelemetry semantic conventions for MCP",
  },
  "read-prune": { sentence: "`km prune` applies retention now.", source: "§5, §6" },
  "read-doctor": {
    sentence:
      "`km doctor` checks paths, permissions, database integrity, the Deno version, and the commands of known servers on PATH.",
    source: "§6",
  },
  "read-version": { sentence: "`km --version` prints the version.", source: "§6" },
  "read-completions": {
    sentence: "`km completions bash|zsh|fish` prints a completion script the shell accepts.",
    source: "§6",
  },

  // km demo
  "demo-shows-the-main-job": {
    sentence:
      "`km demo` drives a bundled server through a slow, a failing, a large and a secret-carrying call, then shows events, statistics and where they are stored.",
    source: "§7",
  },
  "demo-ten-seconds": {
    sentence: "`km demo` uses a temporary home unless asked and ends within 10 s.",
    source: "§7",
  },

  // Real programs
  "real-server-everything": {
    sentence:
      "`@modelcontextprotocol/server-everything` gives the same answers with and without km, byte for byte on the wire.",
    source: "§8",
  },
  "real-server-filesystem": {
    sentence:
      "`@modelcontextprotocol/server-filesystem` gives the same answers with and without km, byte for byte on the wire.",
    source: "§8",
  },
  "real-server-memory": {
    sentence:
      "`@modelcontextprotocol/server-memory` gives the same answers with and without km, byte for byte on the wire.",
    source: "§8",
  },
  "real-sdk-1x-client": { sentence: "The SDK's 1.x client cannot tell that km is there.", source: "§8" },
  "real-sdk-2x-client": {
    sentence: "The SDK's 2.x client (2026-07-28) cannot tell that km is there.",
    source: "§8",
  },
  "real-inspector-cli": { sentence: "`inspector --cli` prints the same with and without km.", source: "§8" },
  "real-record": {
    sentence: "What real programs said is found again by `km events`, `km calls` and `km stats`.",
    source: "§6, §8",
  },

  // The 32 failure modes of stdio proxies
  "fm-01-stdin-eof-ignored": {
    sentence: "A server that ignores stdin EOF is ended: grace, SIGTERM to the group, SIGKILL to the group.",
    source: "failure mode 1; MCP 2025-11-25, Lifecycle, Shutdown, stdio",
  },
  "fm-02-npx-chain-term": {
    sentence:
      "Ending an `npx` → sh → node chain ends every process of it; Ctrl-C is forwarded to the new group.",
    source: "failure mode 2",
  },
  "fm-03-km-sigkilled": {
    sentence: "km killed with SIGKILL leaves no server behind.",
    source: "failure mode 3",
  },
  "fm-04-parent-died-stdin-open": {
    sentence:
      "The client dies while someone else keeps stdin open: km treats the change of its parent as EOF.",
    source: "failure mode 4",
  },
  "fm-05-client-signals": {
    sentence:
      "SIGTERM, SIGINT and SIGHUP are forwarded as they are, then escalated, and the record is written.",
    source: "failure mode 5",
  },
  "fm-06-exit-code-kept": {
    sentence: "The exit code is the server's; 128+n when signal n killed it.",
    source: "failure mode 6",
  },
  "fm-07-exit-while-client-idle": {
    sentence: "km exits when the server has exited and its output is drained, without waiting for stdin.",
    source: "failure mode 7",
  },
  "fm-08-in-flight-at-eof": {
    sentence: "Responses in flight at EOF are delivered.",
    source: "failure mode 8",
  },
  "fm-09-stdout-tail-at-exit": {
    sentence: "The tail of stdout is written out before km exits.",
    source: "failure mode 9",
  },
  "fm-10-stderr-drained": {
    sentence: "stderr is always drained, beyond the pipe's 64 KB, with long lines and no newline too.",
    source: "failure mode 10",
  },
  "fm-11-nothing-on-stdout": {
    sentence: "km never prints its own text on stdout; stderr is quiet by default.",
    source: "failure mode 11",
  },
  "fm-12-large-messages": {
    sentence:
      "Messages of 4 KB, 64 KB, 1 MB, 10 MB and more pass; the stored copy is capped with size, sha256 and `truncated`.",
    source: "failure mode 12",
  },
  "fm-13-split-utf8": {
    sentence: "A character split across reads is neither changed on the wire nor in the record.",
    source: "failure mode 13",
  },
  "fm-14-invalid-utf8-nul": {
    sentence: "Invalid UTF-8 and NUL pass, and are stored as bytes.",
    source: "failure mode 14",
  },
  "fm-15-non-json-lines": {
    sentence: "Lines that are not JSON pass unchanged and are recorded as `invalid`.",
    source: "failure mode 15",
  },
  "fm-16-content-length-framing": {
    sentence: "Content-Length framing passes unchanged and is recorded as `invalid`, which shows it.",
    source: "failure mode 16",
  },
  "fm-17-crlf": {
    sentence: "CRLF is kept on the wire; only the copy loses the CR.",
    source: "failure mode 17",
  },
  "fm-18-blank-bom-no-newline": {
    sentence: "Blank lines, a leading BOM and a missing final newline are kept on the wire.",
    source: "failure mode 18",
  },
  "fm-19-windows-cmd": {
    sentence: "`.cmd` shims run through `cmd /d /s /c` with safe quoting.",
    source: "failure mode 19",
  },
  "fm-20-gui-path": {
    sentence: "A command missing from a GUI's PATH is explained by the error's hint and by `km doctor`.",
    source: "failure mode 20",
  },
  "fm-21-command-not-found": {
    sentence:
      "A missing command ends at once with 127, one that is not executable with 126, and says so on stderr.",
    source: "failure mode 21",
  },
  "fm-22-backpressure": {
    sentence: "Writes wait for the reader, the queue of copies is bounded by bytes, and drops are counted.",
    source: "failure mode 22",
  },
  "fm-23-slow-store": { sentence: "A slow or missing database delays no call.", source: "failure mode 23" },
  "fm-24-id-collisions": {
    sentence: "The same id in both directions, string against number, null and reused ids are not confused.",
    source: "failure mode 24",
  },
  "fm-25-cancel-late-answer": {
    sentence: "A cancelled call is `cancelled`, and `late` when its answer comes after all.",
    source: "failure mode 25",
  },
  "fm-26-batch-arrays": {
    sentence: "The messages of a batch array are paired one by one.",
    source: "failure mode 26; MCP 2025-03-26",
  },
  "fm-27-mrtr-tasks": {
    sentence: "Retries of an operation are linked, and polling of a task is understood.",
    source: "failure mode 27",
  },
  "fm-28-discover-32601": {
    sentence: "`-32601` to a `server/discover` probe is normal for an old server.",
    source: "failure mode 28",
  },
  "fm-29-config-edit": {
    sentence: "Editing a client's configuration keeps comments, makes a backup, is atomic and can be undone.",
    source: "failure mode 29",
    later: "the command that edits client configurations",
  },
  "fm-30-secrets-in-argv-env": {
    sentence: "Secrets in the server's arguments and environment are not recorded, and the database is 0600.",
    source: "failure mode 30",
  },
  "fm-31-two-km-one-database": {
    sentence: "Two km processes write one database without losing an event.",
    source: "failure mode 31",
  },
  "fm-32-port-42": {
    sentence:
      "Port 42 falls back with clear text where the OS refuses it; 127.0.0.1 only; Host and Origin are checked.",
    source: "failure mode 32",
  },
} as const satisfies Record<string, Requirement>;
