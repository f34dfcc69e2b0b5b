/** `km monitor -- <command>`: the main job. Joins relay, supervision and recorder. @module */

import { readEnv } from "../../config/environment.ts";
import { kmPaths } from "../../config/paths.ts";
import { systemClock } from "../../core/clock.ts";
import { KmError } from "../../core/error.ts";
import { createTap } from "../../core/tap.ts";
import { supervise } from "../../monitor/supervise.ts";
import { type Relay, type RelayKind, startRelay } from "../../proc/relay.ts";
import { endLike, exitCodeOf, signalName } from "../../proc/server_exit.ts";
import { parentGoneReader } from "../../proc/parent.ts";
import { surviveFileSizeLimit } from "../../proc/signals.ts";
import { startWatcher } from "../../proc/watcher.ts";
import { command } from "../command.ts";
import { writeError } from "../terminal.ts";
import type { RecorderOptions, RecorderThread } from "../recorder_thread.ts";

export { monitor as command };

const monitor = command({
  name: "monitor",
  summary: "Run an MCP server and record every message between it and its client",
  usage: "[--server] -- <command> [args…]",
  passthrough: true,
  details:
    "Put this in front of a server's command in your AI tool's configuration. Bytes pass unchanged in both directions; " +
    "km says nothing on stdout, and nothing on stderr unless --output asks for it. " +
    'When the first word after "km" is no km command, it is the command to monitor: "km npx -y some-server".',
  flags: [
    {
      name: "name",
      type: "string",
      help: "Name of the server in the record; derived from the command when absent",
    },
    { name: "correlation-id", type: "string", help: "Id of this run in the record; a UUIDv7 when absent" },
    {
      name: "buffer-size",
      type: "size",
      setting: "bufferSize",
      help:
        "Most that is stored of one message; of the rest, size and SHA-256. The whole message always passes",
    },
    {
      name: "output",
      type: "choice",
      choices: ["none", "console", "json"],
      setting: "output",
      help: "Live view on stderr: readable lines, or one JSON event per line",
    },
    { name: "no-record", type: "boolean", help: "Store nothing" },
    {
      name: "redact",
      type: "choice",
      choices: ["on", "off"],
      setting: "redact",
      help: "Replace secrets before anything is stored or shown; off keeps them readable in the database",
    },
    {
      name: "grace",
      type: "duration",
      setting: "grace",
      help: "How long the server may take to end after its stdin closed, before SIGTERM",
    },
    {
      name: "kill-after",
      type: "duration",
      setting: "killAfter",
      help: "How long the server may take to end after SIGTERM, before SIGKILL",
    },
  ],
  examples: [
    ["km monitor -- npx -y @modelcontextprotocol/server-everything", "record a server started by npx"],
    ["km monitor --name files --output console -- mcp-files ~/docs", "watch the traffic on stderr as well"],
    ["km npx -y @modelcontextprotocol/server-memory", "the short form"],
  ],
  async run(flags, argv) {
    const startedUs = systemClock.nowUs();
    const parentGone = parentGoneReader();
    if (argv.length === 0) {
      throw new KmError("usage", "No command to monitor", {
        hint: 'write it after "--": km monitor -- npx -y @modelcontextprotocol/server-everything',
      });
    }
    const tap = flags.noRecord && flags.output === "none" ? null : createTap();
    const waits = { graceMs: flags.grace, killAfterMs: flags.killAfter };
    const relay = await startRelay({
      argv,
      tap,
      searchPath: readEnv("PATH") ?? "",
      kind: forcedRelay(),
      windowsEnv: windowsEnv(),
    });
    const watcher = startWatcher(relay.pid, waits);
    const ended = supervise(relay, { waits, parentGone });
    // Awaited below; a failure meanwhile is not one that nobody hears.
    ended.catch(() => {});
    surviveFileSizeLimit();
    const recorder = tap &&
      await startRecorder(argv, relay, { tap, startedUs, flags }).catch(tellNotRecorded);
    const { exit, reason } = await ended;
    if (!relay.signalGroup("SIGCONT")) watcher.dismiss();
    await recorder?.finish({
      timeUs: systemClock.nowUs(),
      exitCode: exitCodeOf(exit),
      signal: exit.kind === "signal" ? signalName(exit.signal) : null,
      reason,
    });
    return endLike(exit);
  },
});

type MonitorFlags = Pick<RecorderOptions, "output"> & {
  readonly name: string | undefined;
  readonly correlationId: string | undefined;
  readonly bufferSize: number;
  readonly noRecord: boolean;
  readonly redact: "on" | "off";
};

/** Starts the recorder's thread. Loaded only now: the server is already starting. */
async function startRecorder(
  argv: readonly string[],
  relay: Relay,
  { tap, startedUs, flags }: { tap: SharedArrayBuffer; startedUs: number; flags: MonitorFlags },
): Promise<RecorderThread> {
  const { startRecorderThread } = await import("../recorder_thread.ts");
  return startRecorderThread(argv, {
    tap,
    startedUs,
    pid: relay.pid,
    name: flags.name,
    correlationId: flags.correlationId,
    dbPath: flags.noRecord ? null : kmPaths().database,
    maxStoredBytes: flags.bufferSize,
    output: flags.output,
    redact: flags.redact === "on",
  });
}

/** The server goes on without a record: its client depends on it. */
function tellNotRecorded(error: unknown): null {
  writeError(`km: warning: this run is not recorded: ${error instanceof Error ? error.message : error}\n`);
  return null;
}

/** What `KM_RELAY` asks for. Anything else is ignored, as every mistaken setting is: `km doctor` tells. */
function forcedRelay(): RelayKind | undefined {
  const kind = readEnv("KM_RELAY");
  return kind === "fast" || kind === "portable" ? kind : undefined;
}

function windowsEnv(): { pathExt?: string; comSpec?: string } {
  const pathExt = readEnv("PATHEXT");
  const comSpec = readEnv("ComSpec");
  return { ...(pathExt && { pathExt }), ...(comSpec && { comSpec }) };
}
