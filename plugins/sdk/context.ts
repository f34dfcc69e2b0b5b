/** What a plugin works with: checks what it says, and hands it on. What runs plugins, and what tests them, makes it. @module */
import {
  MAX_ANNOTATION_CHARACTERS,
  MAX_DETAIL_CHARACTERS,
  MAX_KEY_CHARACTERS,
  MAX_LOG_CHARACTERS,
  MAX_TITLE_CHARACTERS,
  MAX_UNIT_CHARACTERS,
} from "../../proto/limits.ts";
import type {
  Annotation,
  Context,
  Emitter,
  Finding,
  Json,
  Licence,
  Log,
  Message,
  Metric,
  State,
} from "./mod.ts";
import type { StateStore } from "./state.ts";

/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** What a plugin gave out. Null: it said nothing of it. */
export type Given =
  | {
    readonly type: "finding";
    readonly key: string;
    readonly severity: Finding["severity"];
    readonly title: string;
    readonly detail: string;
    readonly server: string | null;
    readonly tool: string | null;
    readonly eventId: string | null;
  }
  | {
    readonly type: "metric";
    readonly name: string;
    readonly value: number;
    readonly unit: string;
    readonly eventId: string | null;
  }
  | { readonly type: "annotation"; readonly key: string; readonly value: string; readonly eventId: string };

/** Where it goes. */
export interface Sink {
  /** Called with what is well formed. */
  emit(given: Given): void;
  /** `console`: what a person who watches is shown; null: nothing. */
  log(level: LogLevel, text: string, console: string | null): void;
  /** `valueJson` null: the key goes. */
  setState(key: string, valueJson: string | null): void;
}

/** What changes while a plugin runs. */
export interface Circumstances {
  /** What the user configured. */
  config: Record<string, Json>;
  /** The licence in force. */
  licence: Licence;
  /** What was agreed on. */
  protocolVersion: number;
  /** Version of km. */
  kmVersion: string;
}

/** SGR sequences: colours. */
// deno-lint-ignore no-control-regex -- that is what they are made of.
const COLOURS = /\u001b\[[0-9;:]*m/g;
const SEVERITIES: readonly unknown[] = ["info", "warning", "critical"];

/** A context that reads `circumstances` whenever it is asked. */
export function createContext(
  circumstances: Circumstances,
  sink: Sink,
  options: { readonly signal: AbortSignal; readonly state: StateStore },
): Context<Record<string, Json>> {
  return Object.freeze({
    get config(): Record<string, Json> {
      return circumstances.config;
    },
    get licence(): Licence {
      return circumstances.licence;
    },
    get protocolVersion(): number {
      return circumstances.protocolVersion;
    },
    get kmVersion(): string {
      return circumstances.kmVersion;
    },
    signal: options.signal,
    log: createLog(sink),
    console(line: string): void {
      const shown = cut(String(line), MAX_LOG_CHARACTERS);
      sink.log("info", shown.replaceAll(COLOURS, ""), shown);
    },
    emit: createEmitter(sink),
    state: createState(sink, options.state),
  });
}

/** `text`, not longer than `max` UTF-16 units; where it is cut, it says so. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1))}…`;
}

function createLog(sink: Sink): Log {
  const say = (level: LogLevel) => (text: string): void =>
    sink.log(level, cut(String(text), MAX_LOG_CHARACTERS), null);
  return Object.freeze({
    debug: say("debug"),
    info: say("info"),
    warning: say("warning"),
    error: say("error"),
  });
}

function createState(sink: Sink, store: StateStore): State {
  return Object.freeze({
    get: (key: string): unknown => store.get(key),
    set(key: string, value: Json): void {
      sink.setState(key, store.set(key, value));
    },
    delete(key: string): void {
      if (store.delete(key)) sink.setState(key, null);
    },
    keys: (): string[] => store.keys(),
  });
}

function createEmitter(sink: Sink): Emitter {
  return Object.freeze({
    finding: (finding: Finding): void => sink.emit(readFinding(finding)),
    metric: (metric: Metric): void => sink.emit(readMetric(metric)),
    annotation: (annotation: Annotation): void => sink.emit(readAnnotation(annotation)),
  });
}

function readFinding({ key, severity, title, detail = "", message, server, tool }: Finding): Given {
  if (!SEVERITIES.includes(severity)) {
    throw new TypeError(`finding: severity must be info, warning or critical`);
  }
  return {
    type: "finding",
    key: named(key, MAX_KEY_CHARACTERS, "finding: key"),
    severity,
    title: named(title, MAX_TITLE_CHARACTERS, "finding: title"),
    detail: text(detail, MAX_DETAIL_CHARACTERS, "finding: detail"),
    server: optional(server ?? message?.event.server, "finding: server"),
    tool: optional(tool ?? message?.event.tool, "finding: tool"),
    eventId: eventIdOf(message),
  };
}

function readMetric({ name, value, unit = "1", message }: Metric): Given {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new TypeError("metric: value must be a finite number");
  }
  return {
    type: "metric",
    name: named(name, MAX_KEY_CHARACTERS, "metric: name"),
    value,
    unit: named(unit, MAX_UNIT_CHARACTERS, "metric: unit"),
    eventId: eventIdOf(message),
  };
}

function readAnnotation({ key, value, message }: Annotation): Given {
  const eventId = eventIdOf(message);
  if (eventId === null) throw new TypeError("annotation: message is missing");
  return {
    type: "annotation",
    key: named(key, MAX_KEY_CHARACTERS, "annotation: key"),
    value: text(value, MAX_ANNOTATION_CHARACTERS, "annotation: value"),
    eventId,
  };
}

function eventIdOf(message: Message | undefined): string | null {
  return message === undefined ? null : text(message.event.id, MAX_KEY_CHARACTERS, "message: event.id");
}

/** Names of servers and tools are not the plugin's: a long one is cut, not refused. */
function optional(value: string | null | undefined, what: string): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw new TypeError(`${what} must be a text`);
  return cut(value, MAX_KEY_CHARACTERS);
}

function named(value: unknown, max: number, what: string): string {
  if (value === "") throw new TypeError(`${what} must not be empty`);
  return text(value, max, what);
}

function text(value: unknown, max: number, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} must be a text`);
  if (value.length > max) throw new TypeError(`${what} has ${value.length} characters; ${max} are allowed`);
  return value;
}
