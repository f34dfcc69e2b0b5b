/**
 * What a plugin said, checked. A plugin is hostile: all that comes out of here has a known kind, bounded texts and finite numbers; anything else
 * is a ProtocolError, after which the plugin is ended.
 *
 * Reaches @bufbuild/protobuf: only what runs plugins may import it, never what `km monitor` starts with.
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { ProtocolError } from "../../../proto/frame.ts";
import {
  type Emit,
  type Finding,
  type Handled,
  type HelloAck,
  LogLevel as WireLogLevel,
  type PluginFrame,
  PluginFrameSchema,
  Severity as WireSeverity,
} from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import type { Severity } from "../../core/severity.ts";
import { type Tier, TIERS } from "../../core/plugin.ts";
import {
  MAX_ANNOTATION_CHARACTERS,
  MAX_DETAIL_CHARACTERS,
  MAX_KEY_CHARACTERS,
  MAX_LOG_CHARACTERS,
  MAX_REASON_CHARACTERS,
  MAX_STATE_BYTES,
  MAX_TITLE_CHARACTERS,
  MAX_UNIT_CHARACTERS,
} from "../../../proto/limits.ts";
import { STATE_VERSION } from "./versions.ts";

export type LogLevel = "debug" | "info" | "warning" | "error";

/** What a plugin says. Texts are as the plugin wrote them: escape control characters before they are shown. */
export type PluginBody =
  | {
    readonly kind: "loaded";
    readonly name: string;
    readonly version: string;
    readonly protocolVersions: readonly number[];
    /** What the author wrote in the code; empty members where he wrote none. */
    readonly definition: LoadedDefinition;
  }
  | {
    readonly kind: "helloAck";
    readonly protocolVersion: number;
    readonly pluginName: string;
    readonly pluginVersion: string;
    readonly requiredTier: Tier;
    readonly hasAuthenticate: boolean;
  }
  | { readonly kind: "authenticateResult"; readonly accepted: boolean; readonly reason: string }
  | { readonly kind: "configured" }
  | {
    readonly kind: "handled";
    readonly messages: number;
    readonly failed: number;
    readonly firstError: string;
    readonly droppedEmits: number;
    readonly droppedLogs: number;
  }
  | { readonly kind: "pong" }
  | { readonly kind: "shutdownAck" }
  | {
    readonly kind: "log";
    readonly level: LogLevel;
    readonly text: string;
    /** For a person who watches, colours included; null: the text alone, in the log. */
    readonly console: string | null;
  }
  | { readonly kind: "emit"; readonly eventId: string | null; readonly what: Emitted }
  | {
    readonly kind: "setState";
    readonly key: string;
    /** JSON text; null: the key goes. */
    readonly valueJson: string | null;
  }
  | { readonly kind: "refused"; readonly what: string; readonly value: string }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** What an author wrote in `definePlugin`, unchecked but for its shape: the manifest is what counts. */
export interface LoadedDefinition {
  readonly requiredTier?: unknown;
  readonly permissions?: unknown;
  readonly configSchema?: unknown;
}

/** What an Emit carries. */
export type Emitted =
  | {
    readonly type: "finding";
    readonly key: string;
    readonly severity: Severity;
    readonly title: string;
    readonly detail: string;
    readonly server: string | null;
    readonly tool: string | null;
  }
  | { readonly type: "metric"; readonly name: string; readonly value: number; readonly unit: string }
  | { readonly type: "annotation"; readonly key: string; readonly value: string };

/** One frame from a plugin. */
export interface FromPlugin {
  /** Number of the frame that it answers; 0: nobody asked. */
  readonly replyTo: number;
  readonly body: PluginBody;
}

/** Kinds that answer a frame; all others come unasked. */
const ANSWERS: ReadonlySet<PluginBody["kind"]> = new Set([
  "loaded",
  "helloAck",
  "authenticateResult",
  "configured",
  "handled",
  "pong",
  "shutdownAck",
  "failed",
]);
const LEVELS: Readonly<Record<number, LogLevel>> = {
  [WireLogLevel.DEBUG]: "debug",
  [WireLogLevel.INFO]: "info",
  [WireLogLevel.WARNING]: "warning",
  [WireLogLevel.ERROR]: "error",
};
const SEVERITIES: Readonly<Record<number, Severity>> = {
  [WireSeverity.INFO]: "info",
  [WireSeverity.WARNING]: "warning",
  [WireSeverity.CRITICAL]: "critical",
};

/**
 * Reads one frame of a plugin that speaks protocol `version`.
 * @throws {ProtocolError} when it is none, or has what this version does not know
 */
export function decodePluginFrame(header: Uint8Array, payload: Uint8Array, version: number): FromPlugin {
  if (payload.length > 0) {
    throw new ProtocolError(`a frame from a plugin has ${payload.length} bytes of payload`);
  }
  const frame = parse(header);
  const body = readBody(frame.body, version);
  if (ANSWERS.has(body.kind) !== frame.replyTo > 0) {
    throw new ProtocolError(`"${body.kind}" ${frame.replyTo > 0 ? "answers a frame" : "answers no frame"}`);
  }
  return { replyTo: frame.replyTo, body };
}

function parse(header: Uint8Array): PluginFrame {
  try {
    return fromBinary(PluginFrameSchema, header);
  } catch (cause) {
    throw new ProtocolError("a frame's header is no PluginFrame", { cause });
  }
}

function readBody(body: PluginFrame["body"], version: number): PluginBody {
  switch (body.case) {
    case "loaded":
      return {
        kind: "loaded",
        name: text(body.value.name, MAX_KEY_CHARACTERS, "loaded.name"),
        version: text(body.value.version, MAX_KEY_CHARACTERS, "loaded.version"),
        protocolVersions: readVersions(body.value.protocolVersions),
        definition: readDefinition(body.value.definitionJson),
      };
    case "helloAck":
      return readHelloAck(body.value);
    case "authenticateResult":
      return {
        kind: body.case,
        accepted: body.value.accepted,
        reason: reasonText(body.value.reason, "reason"),
      };
    case "configured":
    case "pong":
    case "shutdownAck":
      return { kind: body.case };
    case "handled":
      return readHandled(body.value);
    case "log":
      return {
        kind: "log",
        level: known(LEVELS[body.value.level], "log.level"),
        text: text(body.value.text, MAX_LOG_CHARACTERS, "log.text"),
        console: text(body.value.console, MAX_LOG_CHARACTERS, "log.console") || null,
      };
    case "emit":
      return readEmit(body.value, version);
    case "setState":
      if (version < STATE_VERSION) throw new ProtocolError(`protocol ${version} has no state`);
      return {
        kind: "setState",
        key: named(body.value.key, MAX_KEY_CHARACTERS, "set_state.key"),
        valueJson: jsonText(body.value.valueJson),
      };
    case "refused":
      return {
        kind: "refused",
        what: text(body.value.what, MAX_KEY_CHARACTERS, "refused.what"),
        value: reasonText(body.value.value, "refused.value"),
      };
    case "failed":
      return {
        kind: "failed",
        code: text(body.value.code, MAX_KEY_CHARACTERS, "failed.code"),
        message: reasonText(body.value.message, "failed.message"),
      };
    case undefined:
      throw new ProtocolError("a frame has no body, or one that this km does not know");
  }
}

function readHelloAck(ack: HelloAck): PluginBody {
  return {
    kind: "helloAck",
    protocolVersion: ack.protocolVersion,
    pluginName: text(ack.pluginName, MAX_KEY_CHARACTERS, "hello_ack.plugin_name"),
    pluginVersion: text(ack.pluginVersion, MAX_KEY_CHARACTERS, "hello_ack.plugin_version"),
    requiredTier: known(TIERS.find((tier) => tier === ack.requiredTier), "hello_ack.required_tier"),
    hasAuthenticate: ack.hasAuthenticate,
  };
}

function readHandled(handled: Handled): PluginBody {
  if (handled.failed > handled.messages) throw new ProtocolError("more messages failed than were handled");
  return {
    kind: "handled",
    messages: handled.messages,
    failed: handled.failed,
    firstError: reasonText(handled.firstError, "handled.first_error"),
    droppedEmits: handled.droppedEmits,
    droppedLogs: handled.droppedLogs,
  };
}

function readEmit(emit: Emit, version: number): PluginBody {
  const eventId = text(emit.eventId, MAX_KEY_CHARACTERS, "emit.event_id") || null;
  const { what } = emit;
  switch (what.case) {
    case "finding":
      return { kind: "emit", eventId, what: readFinding(what.value) };
    case "metric":
      if (!Number.isFinite(what.value.value)) throw new ProtocolError("a metric's value is no finite number");
      return {
        kind: "emit",
        eventId,
        what: {
          type: "metric",
          name: named(what.value.name, MAX_KEY_CHARACTERS, "metric.name"),
          value: what.value.value,
          unit: named(what.value.unit, MAX_UNIT_CHARACTERS, "metric.unit"),
        },
      };
    case "annotation":
      if (version < STATE_VERSION) throw new ProtocolError(`protocol ${version} has no annotations`);
      if (eventId === null) throw new ProtocolError("an annotation names no event");
      return {
        kind: "emit",
        eventId,
        what: {
          type: "annotation",
          key: named(what.value.key, MAX_KEY_CHARACTERS, "annotation.key"),
          value: text(what.value.value, MAX_ANNOTATION_CHARACTERS, "annotation.value"),
        },
      };
    case undefined:
      throw new ProtocolError("an emit carries nothing, or what this km does not know");
  }
}

function readFinding(finding: Finding): Emitted {
  return {
    type: "finding",
    key: named(finding.key, MAX_KEY_CHARACTERS, "finding.key"),
    severity: known(SEVERITIES[finding.severity], "finding.severity"),
    title: named(finding.title, MAX_TITLE_CHARACTERS, "finding.title"),
    detail: text(finding.detail, MAX_DETAIL_CHARACTERS, "finding.detail"),
    server: text(finding.server, MAX_KEY_CHARACTERS, "finding.server") || null,
    tool: text(finding.tool, MAX_KEY_CHARACTERS, "finding.tool") || null,
  };
}

function readVersions(versions: readonly number[]): readonly number[] {
  if (versions.length > 32) throw new ProtocolError(`a plugin names ${versions.length} protocol versions`);
  return versions;
}

function readDefinition(json: string): LoadedDefinition {
  try {
    const value: unknown = JSON.parse(json === "" ? "{}" : json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Below, like all that is no object.
  }
  throw new ProtocolError("loaded.definition_json is no JSON object");
}

function jsonText(value: string): string | null {
  text(value, MAX_STATE_BYTES, "set_state.value_json");
  if (value === "") return null;
  try {
    JSON.parse(value);
  } catch (cause) {
    throw new ProtocolError("set_state.value_json is no JSON", { cause });
  }
  return value;
}

function named(value: string, max: number, what: string): string {
  if (value === "") throw new ProtocolError(`${what} is empty`);
  return text(value, max, what);
}

function reasonText(value: string, what: string): string {
  return text(value, MAX_REASON_CHARACTERS, what);
}

function text(value: string, max: number, what: string): string {
  if (value.length > max) {
    throw new ProtocolError(`${what} has ${value.length} characters; ${max} are allowed`);
  }
  return value;
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ProtocolError(`${what} has no known value`);
  return value;
}
