/** What a plugin says to km: whole frames on stdout, in order, bounded. @module */
import { MAX_FRAME_BYTES, ProtocolError } from "../../../proto/frame.ts";
import { LogLevel as WireLevel, Severity } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import {
  MAX_EMITS_PER_BATCH,
  MAX_LOG_CHARACTERS,
  MAX_LOGS_PER_BATCH,
  MAX_REASON_CHARACTERS,
} from "../../../proto/limits.ts";
import { cut, type Given, type LogLevel, type Sink } from "../../../plugins/sdk/context.ts";
import { STATE_VERSION } from "../wire/versions.ts";
import { FrameWriter, type GivenInit, type PluginBodyInit } from "./frame_writer.ts";

/** What has been dropped since the last answer to a batch. */
export interface Dropped {
  readonly emits: number;
  readonly logs: number;
}

const LEVEL = {
  debug: WireLevel.DEBUG,
  info: WireLevel.INFO,
  warning: WireLevel.WARNING,
  error: WireLevel.ERROR,
} as const;
const SEVERITY = { info: Severity.INFO, warning: Severity.WARNING, critical: Severity.CRITICAL } as const;
/** What waits is written at once from here on: less is written together, at the end of what runs now. */
const FLUSH_BYTES = 64 * 1024;
/** Bytes of a frame beside its texts, at most. */
const OVERHEAD_BYTES = 256;

// Kept from before the plugin is there: it may put something else in its place.
const schedule = queueMicrotask;

/** Frames on their way out. */
export class Output implements Sink {
  /** Longest frame that km takes. */
  maxFrameBytes = MAX_FRAME_BYTES;
  protocolVersion = 1;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #frames = new FrameWriter();
  #isScheduled = false;
  #emits = 0;
  #logs = 0;
  #droppedEmits = 0;
  #droppedLogs = 0;
  #saidNoAnnotations = false;

  /** `write` takes all it is given before it returns. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Queues a frame; it is written when what runs now is done, or as soon as there is much. @throws {ProtocolError} when it is too long */
  send(replyTo: number, body: PluginBodyInit): void {
    this.#frames.add(replyTo, body, this.maxFrameBytes);
    if (this.#frames.length >= FLUSH_BYTES) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    schedule(() => this.flush());
  }

  /** Writes what waits. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#frames.length > 0) this.#write(this.#frames.take());
  }

  /** Another batch, another measure. Returns what did not fit into the last one. */
  renewBounds(): Dropped {
    const dropped = { emits: this.#droppedEmits, logs: this.#droppedLogs };
    this.allowMore();
    this.#droppedEmits = 0;
    this.#droppedLogs = 0;
    return dropped;
  }

  /** Time has passed without a batch: as much again may be said. */
  allowMore(): void {
    this.#emits = 0;
    this.#logs = 0;
  }

  emit(given: Given): void {
    if (given.type === "annotation" && this.protocolVersion < STATE_VERSION) return this.#refuseAnnotations();
    if (this.#emits >= MAX_EMITS_PER_BATCH) {
      this.#droppedEmits++;
      return;
    }
    this.#emits++;
    try {
      this.send(0, { case: "emit", value: { eventId: given.eventId ?? "", what: wireGiven(given) } });
    } catch (error) {
      throw error instanceof ProtocolError ? new TypeError(`${given.type}: ${error.message}`) : error;
    }
  }

  log(level: LogLevel, text: string, console: string | null): void {
    if (this.#logs >= MAX_LOGS_PER_BATCH) {
      this.#droppedLogs++;
      return;
    }
    this.#logs++;
    // Up to three bytes of UTF-8 for each unit, twice: for the log and for the console.
    const max = Math.min(MAX_LOG_CHARACTERS, Math.floor((this.maxFrameBytes - OVERHEAD_BYTES) / 6));
    const value = { level: LEVEL[level], text: cut(text, max), console: cut(console ?? "", max) };
    this.send(0, { case: "log", value });
  }

  setState(key: string, valueJson: string | null): void {
    if (this.protocolVersion < STATE_VERSION) return;
    this.send(0, { case: "setState", value: { key, valueJson: valueJson ?? "" } });
  }

  /** Tells km what was refused to the plugin. Counts as a log line: a plugin that tries a million times says so a thousand times. */
  refused(what: string, value: string): void {
    if (this.#logs >= MAX_LOGS_PER_BATCH) {
      this.#droppedLogs++;
      return;
    }
    this.#logs++;
    this.send(0, { case: "refused", value: { what, value: cut(value, MAX_REASON_CHARACTERS / 4) } });
  }

  /** The most that a key with its value may take. */
  get maxStateBytes(): number {
    return this.maxFrameBytes - OVERHEAD_BYTES;
  }

  #refuseAnnotations(): void {
    if (this.#saidNoAnnotations) return;
    this.#saidNoAnnotations = true;
    this.log("warning", "this km does not know annotations (protocol 1): they are dropped", null);
  }
}

function wireGiven(given: Given): GivenInit {
  switch (given.type) {
    case "finding":
      return {
        case: "finding",
        value: {
          key: given.key,
          severity: SEVERITY[given.severity],
          title: given.title,
          detail: given.detail,
          server: given.server ?? "",
          tool: given.tool ?? "",
        },
      };
    case "metric":
      return { case: "metric", value: { name: given.name, value: given.value, unit: given.unit } };
    case "annotation":
      return { case: "annotation", value: { key: given.key, value: given.value } };
  }
}
