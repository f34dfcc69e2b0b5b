/** The recorder's thread: started by `km monitor`, fed through shared memory, told by messages when the server starts and ends. @module */
import { type MessagePort, parentPort } from "node:worker_threads";
import { settingValue } from "../config/config.ts";
import { settingOf } from "../config/settings.ts";
import { retentionAt } from "../config/settings_in_force.ts";
import { systemClock } from "../core/clock.ts";
import type { Run } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { createRedactor } from "../core/redact.ts";
import { TapReader } from "../core/tap.ts";
import { type LineOutput, openLossyStderr } from "../proc/lossy_output.ts";
import { lowerThread } from "../proc/priority.ts";
import { createLiveView, describeNotShown, type LiveViewMode } from "./live_view.ts";
import { PluginFeed, type PluginPlaces } from "./plugin_feed.ts";
import { Recorder, type ServerExit } from "./recorder.ts";
import { StoreSink } from "./store_sink.ts";
import { Transcriber } from "./transcriber.ts";

/** First message to the thread. */
export interface StartMessage {
  readonly type: "start";
  readonly tap: SharedArrayBuffer;
  readonly run: Run;
  /** Null: nothing is stored (`--no-record`). */
  readonly dbPath: string | null;
  /** The most that is stored of one message. */
  readonly maxStoredBytes: number;
  readonly redact: boolean;
  /** Secrets that km itself holds. */
  readonly secrets: readonly string[];
  readonly output: LiveViewMode;
  readonly color: boolean;
  /** The config file: how long events are kept is read from it again and again. */
  readonly configPath: string;
  /** Null: this run is not for plugins. */
  readonly plugins: PluginPlaces | null;
  /** As `secrets`, for plugins: they get no secret that the user did not grant, also where `redact` is off. */
  readonly pluginSecrets: readonly string[];
}

/** Plugins may cost the end of a run so long, in ms: what is queued for them is handed over, or it is not. */
const FEED_END_MS = 150;

/** What the main thread says to the recorder. `exit` comes after the relay has closed the tap. */
export type RecorderCommand =
  | StartMessage
  | { readonly type: "spawned"; readonly pid: number }
  | {
    readonly type: "exit";
    readonly exit: ServerExit;
    /** When it was said, in ms since the Unix epoch: a thread that gets no processor hears it late, and km does not wait the longer. */
    readonly saidMs: number;
  };

/** What the recorder says to the main thread. */
export type RecorderReport =
  | { readonly type: "ready" }
  | { readonly type: "flushed"; readonly unrecorded: number };

let recorder: Recorder | null = null;

const port = parentPort as MessagePort; // as: this module runs only as a thread
port.on("message", (data: RecorderCommand) => {
  switch (data.type) {
    case "start":
      lowerThread();
      void record(data);
      return;
    case "spawned":
      return recorder?.started(data.pid);
    case "exit":
      return recorder?.exited(data.exit, Math.max(0, Date.now() - data.saidMs));
  }
});

async function record(start: StartMessage): Promise<void> {
  const view = start.output === "none" ? null : openLiveView(start.output);
  const feed = createFeed(start);
  recorder = createRecorder(start, view, feed);
  report({ type: "ready" });
  const unrecorded = await recorder.run();
  await feed?.end(FEED_END_MS);
  await view?.drain();
  report({ type: "flushed", unrecorded });
}

function openLiveView(mode: LiveViewMode): LineOutput {
  return openLossyStderr((events) => describeNotShown(mode, events));
}

function createFeed(start: StartMessage): PluginFeed | null {
  if (start.plugins === null) return null;
  let output: LineOutput | null = null;
  return new PluginFeed({
    places: start.plugins,
    isAllowed: () => settingValue(settingOf("plugins.enabled")).text === "on",
    redactor: () => start.redact ? null : createRedactor(start.pluginSecrets),
    print: (line) => (output ??= openLiveView("console")).write(line),
  });
}

function createRecorder(start: StartMessage, view: LineOutput | null, feed: PluginFeed | null): Recorder {
  const redactor = start.redact ? createRedactor(start.secrets) : null;
  return new Recorder({
    tap: new TapReader(start.tap),
    maxStoredBytes: start.maxStoredBytes,
    store: start.dbPath === null
      ? null
      : new StoreSink(start.dbPath, retentionAt(start.configPath), systemClock.nowUs),
    listener: createLiveView(start.output, {
      run: start.run,
      color: start.color,
      write: (line) => view?.write(line),
    }),
    feed,
    transcribe: (sink) => new Transcriber(start.run, { ids: new IdMaker(), redactor, sink }),
    nowMs: () => performance.now(),
  });
}

function report(message: RecorderReport): void {
  port.postMessage(message);
}
