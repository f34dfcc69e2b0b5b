/** Starts the recorder's thread for a run and ends it. The only other thread it shares memory with is the relay's. @module */

import { Worker } from "node:worker_threads";
import { environmentSecrets } from "../config/environment.ts";
import { kmPaths } from "../config/paths.ts";
import { newRun, type Run } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { createRedactor, redactCommand } from "../core/redact.ts";
import { serverNameOf } from "../monitor/server_name.ts";
import { pluginPaths } from "../plugins/paths.ts";
import type { PluginPlaces } from "../recorder/plugin_feed.ts";
import { VERSION } from "./commands/version.ts";
import { selfCommand } from "./self.ts";
import { wantsColor } from "./terminal.ts";

/** How long km waits for the recorder to write what is queued, before it ends. Source: issue "km monitor", section 4. */
const FLUSH_MS = 5000;
/**
 * Room for new objects of the recorder's thread. V8's own choice lets a flood of small messages take 50 MB more and is no faster
 * (93,000 against 89,000 messages/s, measured 2026-11-21). Only a thread of node:worker_threads takes such a limit.
 */
const YOUNG_GENERATION_MB = 3;

/** What a run records, and how. */
export interface RecorderOptions {
  readonly tap: SharedArrayBuffer;
  readonly startedUs: number;
  readonly pid: number;
  readonly name: string | undefined;
  readonly correlationId: string | undefined;
  /** Null: store nothing. */
  readonly dbPath: string | null;
  readonly maxStoredBytes: number;
  readonly output: "none" | "console" | "json";
  readonly redact: boolean;
}

/** How the server ended, for the record. */
export interface RecordedExit {
  readonly timeUs: number;
  readonly exitCode: number;
  readonly signal: string | null;
  readonly reason: string;
}

/** A recorder under way. */
export interface RecorderThread {
  /** Hands over how the server ended and waits, at most 5 s, until everything queued is written. Never fails. */
  finish(exit: RecordedExit): Promise<void>;
}

/** Starts the recorder of a run of `argv`. A recorder that fails is no reason for the server to fail: it is only waited for in vain. */
export function startRecorderThread(argv: readonly string[], options: RecorderOptions): RecorderThread {
  const secrets = options.redact ? environmentSecrets() : [];
  const worker = new Worker(new URL("../recorder/recorder_worker.ts", import.meta.url), {
    name: "km recorder",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const flushed = Promise.withResolvers<void>();
  worker.on("message", (report: { readonly type: string }) => {
    if (report.type === "flushed") flushed.resolve();
  });
  worker.on("error", () => flushed.resolve());
  worker.postMessage({
    type: "start",
    tap: options.tap,
    run: describeRun(argv, options, secrets),
    dbPath: options.dbPath,
    maxStoredBytes: options.maxStoredBytes,
    redact: options.redact,
    secrets,
    output: options.output,
    color: wantsColor(Deno.stderr),
    configPath: kmPaths().config,
    plugins: pluginPlaces(),
    pluginSecrets: options.redact ? secrets : environmentSecrets(),
  });
  worker.postMessage({ type: "spawned", pid: options.pid });
  return {
    async finish(exit) {
      worker.postMessage({ type: "exit", exit, saidMs: Date.now() });
      const timer = setTimeout(flushed.resolve, FLUSH_MS);
      await flushed.promise;
      clearTimeout(timer);
    },
  };
}

/** Where plugins and their host are, should there be any. */
function pluginPlaces(): PluginPlaces {
  const { lockFile, hostAddress, hostLog, shed } = pluginPaths(kmPaths().home);
  return {
    lockFile,
    hostAddress,
    hostLog,
    shedFolder: shed,
    hostCommand: selfCommand("plugins", "host"),
    kmVersion: VERSION,
    watched: Deno.stderr.isTerminal(),
    color: wantsColor(Deno.stderr),
  };
}

/** What is known of the run at its start. Whoever writes a secret into a command line may write it into any part of it. */
export function describeRun(
  argv: readonly string[],
  options: Omit<RecorderOptions, "tap">,
  secrets: readonly string[],
): Run {
  const redactor = options.redact ? createRedactor(secrets) : null;
  const clean = (text: string) => redactor?.text(text) ?? text;
  const folder = workingDirectory();
  return newRun({
    correlationId: clean(options.correlationId ?? new IdMaker().next(options.startedUs)),
    server: clean(options.name ?? serverNameOf(argv)),
    command: JSON.stringify(redactor === null ? argv : redactCommand(argv, redactor)),
    cwd: folder === null ? null : clean(folder),
    pid: options.pid,
    startedUs: options.startedUs,
  });
}

function workingDirectory(): string | null {
  try {
    return Deno.cwd();
  } catch {
    return null; // It was removed under us.
  }
}
