/** `km status`: does km serve run, where, and is it well? @module */
import { kmPaths } from "../../config/paths.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { formatAgo, formatBytes, formatCount, formatDuration } from "../../core/quantity.ts";
import { type DaemonRecord, findDaemon } from "../../daemon/daemon_file.ts";
import { openDatabase } from "../../store/database.ts";
import { readSummary } from "../../store/summary.ts";
import { certificateHint, reasonOf } from "../certificate_hint.ts";
import { command as defineCommand } from "../command.ts";
import { believed, otherHostOf } from "../believed_daemon.ts";
import { jsonText } from "../json_text.ts";
import { loadClient } from "../packages.ts";
import { write, writeLines } from "../terminal.ts";

/** How long the daemon may take to say how it is, in ms. */
const ANSWER_MS = 2000;

export const command = defineCommand({
  name: "status",
  summary: "Show whether km serve runs for this home, where, and how it is",
  details: `Exits with ${EXIT_CODES.not_found} where none runs.`,
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km status --json | jq -r '.urls[0]'", "where the API is"]],
  json: {
    running: "true when a daemon serves this home",
    home: "the home",
    version: "version of the daemon, or null",
    pid: "its process, or null",
    otherHost: "host that it runs on, by daemon.json, when that is not this one; or null",
    urls: "where it listens, the one to use first",
    startedAt: "ISO 8601 in UTC, or null",
    uptimeMs: "how long it runs, or null when it does not answer",
    store: "{state, events, sizeBytes} as GET /ready has it; null when it does not answer",
    lastEvent: "time of the newest recorded event, or null",
  },
  async run({ json }) {
    const { daemon, home, database, token } = kmPaths();
    const named = findDaemon(daemon);
    const otherHost = named && otherHostOf(named);
    const record = named && await believed(named, token);
    const answer = record && await askReady(record);
    const ready = typeof answer === "string" ? null : answer;
    const last = newestEvent(database);
    const status = {
      running: record !== null,
      home,
      version: record?.version ?? null,
      pid: record?.pid ?? null,
      otherHost,
      urls: record?.urls ?? [],
      startedAt: record?.startedAt ?? null,
      uptimeMs: ready?.uptimeMs ?? null,
      store: ready?.store ?? null,
      lastEvent: last === "unknown" ? null : last,
    };
    if (json) write(`${jsonText(status)}\n`);
    else writeLines(describe(status, last, typeof answer === "string" ? answer : ""));
    return status.running ? 0 : EXIT_CODES.not_found;
  },
});

interface Ready {
  readonly uptimeMs: number;
  readonly store: {
    readonly state: string;
    readonly events: number | null;
    readonly sizeBytes: number | null;
  };
}

/** How it is; the reason when it does not answer, or not as km does. */
async function askReady({ urls }: DaemonRecord): Promise<Ready | string> {
  const { createClient } = await loadClient();
  try {
    const client = createClient({ baseUrl: urls[0] ?? "" });
    const response = await client.ready.$get({}, { init: { signal: AbortSignal.timeout(ANSWER_MS) } });
    return await response.json();
  } catch (error) {
    return reasonOf(error);
  }
}

/** The record itself knows, whether a daemon runs or not. Null: nothing is recorded yet. */
function newestEvent(database: string): string | null | "unknown" {
  try {
    using db = openDatabase(database, { mode: "read" });
    return readSummary(db).newest;
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return error.code === "not_found" ? null : "unknown"; // What is wrong is the daemon's or the doctor's to say.
  }
}

interface Status {
  readonly running: boolean;
  readonly home: string;
  readonly version: string | null;
  readonly pid: number | null;
  readonly otherHost: string | null;
  readonly urls: readonly string[];
  readonly uptimeMs: number | null;
  readonly store: Ready["store"] | null;
}

function describe(status: Status, newest: ReturnType<typeof newestEvent>, silence: string): string[] {
  const last = describeLast(newest);
  const host = status.otherHost === null ? "" : ` on another host (${printable(status.otherHost)})`;
  if (!status.running && host !== "") {
    return [`km serve may run${host}, but does not answer as that of ${status.home}; ask there`, last];
  }
  if (!status.running) {
    return [`km serve does not run for ${status.home}; start it with "km serve"`, last];
  }
  const { store, uptimeMs } = status;
  return [
    `km serve ${status.version} runs${host}, pid ${status.pid}`,
    `address     ${status.urls.join(", ")}`,
    `home        ${status.home}`,
    `up for      ${uptimeMs === null ? `unknown: ${describeSilence(silence)}` : formatDuration(uptimeMs)}`,
    ...(store === null ? [] : [`store       ${describeStore(store)}`]),
    last,
  ];
}

/** Why it was not heard: a certificate that is not trusted here says nothing of how the daemon is. */
function describeSilence(reason: string): string {
  const hint = certificateHint(reason, "km status");
  return hint === null ? "it does not answer; see km logs" : `its certificate is not trusted; ${hint}`;
}

function describeLast(newest: ReturnType<typeof newestEvent>): string {
  if (newest === null) return "nothing is recorded yet";
  return `last event  ${newest === "unknown" ? 'unknown; see "km doctor"' : formatAgo(newest, new Date())}`;
}

function describeStore({ state, events, sizeBytes }: Ready["store"]): string {
  const counts = [
    ...(events === null ? [] : [`${formatCount(events)} events`]),
    ...(sizeBytes === null ? [] : [formatBytes(sizeBytes)]),
  ];
  return [state, ...counts].join(", ");
}
