/** What `km serve` must do. `serve §n` is a section of the issue "km serve". @module */
import type { Requirement } from "./requirement.ts";

export const SERVE_REQUIREMENTS = {
  // The daemon
  "serve-ports": {
    sentence: "`km serve` listens on 4242 (`--port`, `--host`), `--port 0` takes a free one.",
    source: "serve §1",
  },
  "serve-port-42": {
    sentence:
      "It also listens on 42 where the system allows it, and curl gets answers there; where not, one line says why and how to allow it.",
    source: "serve §1",
  },
  "serve-open": {
    sentence: "`--open` and `km open` give the browser a one-time link to the dashboard.",
    source: "serve §1, §2",
  },
  "serve-daemon-json": {
    sentence: "Ports in use, pid and version stand in `$KM_HOME/daemon.json` while it runs.",
    source: "serve §1",
  },
  "serve-one-per-home": {
    sentence:
      "There is one daemon per home, also when two start at once; the lock of a dead one is taken over.",
    source: "serve §1, §5",
  },
  "serve-detach-status-stop-logs": {
    sentence: "`km serve --detach`, `km status`, `km stop` and `km logs` work.",
    source: "serve §1",
  },
  "serve-service": {
    sentence:
      "`km service install|uninstall` writes a systemd user unit, a launchd agent or a Windows task and prints what it wrote.",
    source: "serve §1",
  },
  "serve-graceful-stop": {
    sentence: "A stop cuts no request, flushes everything and takes at most 5 s.",
    source: "serve §1",
  },
  "serve-sees-monitors": {
    sentence: "Rows that a monitor writes beside it are seen within 200 ms, without a word from the monitor.",
    source: "serve §1",
  },
  "serve-bind-refused": {
    sentence:
      "Anything but loopback is refused without TLS or `--insecure-bind`; there is no way to serve without authentication.",
    source: "serve §1",
  },
  "serve-tls": { sentence: "`--tls-cert` and `--tls-key` serve HTTPS.", source: "serve §1" },
  // The API
  "api-health": {
    sentence:
      "`GET /health` and `GET /ready` need no credentials and tell version, uptime and the state of the store.",
    source: "serve §2",
  },
  "api-ingest-one": { sentence: "`POST /api/events` takes one event and answers 202.", source: "serve §2" },
  "api-ingest-batch": {
    sentence:
      "`POST /api/events/batch` takes a JSON batch or NDJSON, plain, gzip or zstd, and answers accepted, duplicate and rejected counts with the reason per rejected index.",
    source: "serve §2",
  },
  "api-ingest-idempotent": {
    sentence: "The same id twice is the same as once; what is not acknowledged may be sent again.",
    source: "serve §2",
  },
  "api-ingest-whole": { sentence: "A batch is never lost in half without a word.", source: "serve §2" },
  "api-ingest-pairs": {
    sentence: "Ingested requests and responses become calls with outcome, duration and statistics.",
    source: "serve §2",
  },
  "api-ingest-redacts": {
    sentence: "Ingested events are redacted before they are stored.",
    source: "serve §2",
  },
  "api-activity": {
    sentence: "`GET /api/activity` lists events, newest first, with the filters of `km events`.",
    source: "serve §2",
  },
  "api-activity-cursor": {
    sentence: "Pages are stable while rows arrive: no row twice, none left out.",
    source: "serve §2",
  },
  "api-event": {
    sentence: "`GET /api/events/:id` gives one message with its counterpart.",
    source: "serve §2",
  },
  "api-calls": {
    sentence: "`GET /api/calls` and `/api/calls/:id` give operations, one with its timeline.",
    source: "serve §2",
  },
  "api-stats": {
    sentence:
      "`GET /api/stats` gives totals and series by server, tool, method, client, outcome and day, with p50, p95 and p99.",
    source: "serve §2",
  },
  "api-servers-tools": {
    sentence:
      "`GET /api/servers` and `/api/tools` tell versions, clients, weight of definitions, first and last seen, last change, unused.",
    source: "serve §2",
  },
  "api-stream": {
    sentence: "`GET /api/stream` sends events as server-sent events, filtered.",
    source: "serve §2",
  },
  "api-stream-resume": {
    sentence: "A stream resumes by `Last-Event-ID` without loss or repeat.",
    source: "serve §2",
  },
  "api-stream-resync": {
    sentence: "A client that stops reading costs at most 1 MiB and is brought back by a resync.",
    source: "serve §4",
  },
  "api-websocket": {
    sentence: "The stream can be had over a WebSocket, with a short-lived JWT.",
    source: "serve §2",
  },
  "api-search": {
    sentence: "`GET /api/search` is full text, ranked on request, with highlights.",
    source: "serve §2",
  },
  "api-metrics": { sentence: "`GET /metrics` is Prometheus text with standard names.", source: "serve §2" },
  "api-openapi": {
    sentence:
      "OpenAPI 3.1 is generated, committed, served with a reader at `/docs`, and a test fails when it differs.",
    source: "serve §2",
  },
  "api-errors": {
    sentence:
      "Errors are `{error:{code,message,hint}}` with the right status, never a stack; 400 names the field.",
    source: "serve §2",
  },
  "api-limits": {
    sentence: "413 and 429 with `Retry-After` are real limits and configurable.",
    source: "serve §2",
  },
  "client-typed": {
    sentence: "`client/` is a typed caller made from the API's own types.",
    source: "serve §2",
  },
  "client-cli-same-output": {
    sentence: "The CLI asks the daemon when one runs and the store when none does, with the same output.",
    source: "serve §2",
  },
  // Who may call
  "auth-token": {
    sentence: "A 256-bit token in `$KM_HOME/token` (0600) is taken as Bearer.",
    source: "serve §2",
  },
  "auth-cookie": {
    sentence: "The one-time link becomes an HttpOnly SameSite=Strict cookie named per port; it works once.",
    source: "serve §2",
  },
  "auth-jwt": {
    sentence: "JWTs are HS256 only, with `aud` and `exp` of at most 15 min.",
    source: "serve §2",
  },
  "auth-keys": {
    sentence: "`km keys add|list|revoke`: stored hashed, shown once, with the scopes ingest, read and admin.",
    source: "serve §2",
  },
  "auth-every-route": {
    sentence: "Every route but health, the contract and the page's own files needs credentials and a scope.",
    source: "serve §2",
  },
  "auth-rate-limit": { sentence: "Failed attempts are limited.", source: "serve §2" },
  "auth-no-secrets-told": { sentence: "Nothing secret stands in logs or URLs.", source: "serve §2" },
  "guard-host": {
    sentence: "The Host header is checked against a list before routing.",
    source: "serve §2, §5",
  },
  "guard-origin": {
    sentence: "Every unsafe method and every upgrade needs the exact Origin, or a bearer and none.",
    source: "serve §2, §5",
  },
  "guard-headers": {
    sentence: "No CORS; CSP without inline script; frame-ancestors 'none'; nosniff; same-origin resources.",
    source: "serve §2",
  },
  "guard-content-type": { sentence: "A body must say that it is JSON (or NDJSON).", source: "serve §2" },
  "guard-slow-bodies": {
    sentence: "Oversize and slow bodies end with 413 and 408 and delay nobody else.",
    source: "serve §5",
  },
  "guard-paths": {
    sentence: "Path traversal and header injection get nowhere.",
    source: "serve §5",
  },
  "guard-fuzz": {
    sentence: "10,000 fuzzed bodies: no 500, no crash, nothing stored that was not valid.",
    source: "serve §5",
  },
  // The dashboard
  "web-overview": {
    sentence:
      "Overview: the odometer (today, week, all), calls and errors per minute, latency percentiles, top servers and tools, what changed, findings.",
    source: "serve §3",
  },
  "web-live": {
    sentence: "Live: the stream in a table that holds 100,000 rows, with pause, filters in the URL and keys.",
    source: "serve §3",
  },
  "web-inspector": {
    sentence: "Inspector: a message with its counterpart and timeline, copy as JSON and curl, find similar.",
    source: "serve §3",
  },
  "web-servers-tools": {
    sentence: "Servers and Tools: weight, use, error rate, latency histogram, last description change.",
    source: "serve §3",
  },
  "web-settings": {
    sentence: "Settings: retention, redaction, keys, where the data is and how to delete it.",
    source: "serve §3",
  },
  "web-accessible": { sentence: "axe-core finds nothing serious on any page.", source: "serve §3" },
  "web-phone": { sentence: "Every page works at a phone's width, dark and light.", source: "serve §3" },
  "web-small": {
    sentence: "First load is at most 250 KB gzipped and asks no other machine.",
    source: "serve §3",
  },
  "web-empty": { sentence: "Empty pages say what to do next.", source: "serve §3" },
  "web-built": { sentence: "The committed bundle is what the sources give.", source: "serve §3" },
  // Speed
  "serve-bench": {
    sentence: "`deno task bench:serve` measures ingest, queries, streams and a soak against named baselines.",
    source: "serve §4",
  },
  // Faults
  "fault-kill-ingest": {
    sentence: "After kill -9 under ingest every acknowledged event is there.",
    source: "serve §5",
  },
  "fault-store-locked": { sentence: "A locked store is waited for, then told with 503.", source: "serve §5" },
  "fault-disk-full": {
    sentence: "A full disk is told with 507 and a clear message, and the daemon recovers by itself.",
    source: "serve §5",
  },
  "fault-clock-jump": { sentence: "A jump of the clock breaks nothing.", source: "serve §5" },
} as const satisfies Record<string, Requirement>;
